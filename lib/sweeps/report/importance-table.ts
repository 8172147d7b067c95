import { counted, percent } from '../../page/figures';
import { html, type Markup } from '../../page/html';
import { nameMarkup } from '../../page/names';
import { along, rounded } from '../../page/scale';
import { enoughTrials, importanceOf, type ParameterImportance } from '../importance/importance';
import type { SweepReport } from './content';

/** Which parameters decide how good a trial is, by which method, and on how many trials that stands. */
export function importanceTable({ record, dimensions, metric }: SweepReport): Markup | undefined {
  if (dimensions.length === 0) return undefined;
  const { trials, best, parameters } = importanceOf(record, dimensions);
  const unknown = parameters.every(({ share }) => share === undefined);
  return html`<section id="importance" aria-labelledby="importance-title">
    <h2 id="importance-title">Importance</h2>
    ${
      trials < enoughTrials
        ? html`<p class="caution">
            <strong
              >${trials === 0 ? 'No trial has' : `Only ${counted(trials, 'trial')} ${trials === 1 ? 'has' : 'have'}`}
              a figure.</strong
            >
            Fewer than ${enoughTrials} say nothing of importance: take what stands here for a guess at most.
          </p>`
        : undefined
    }
    <table class="importance">
      <thead>
        <tr>
          <th scope="col">Parameter</th>
          <th scope="col">Importance</th>
          <th scope="col">Rank correlation with ${metric}</th>
        </tr>
      </thead>
      <tbody>
        ${parameters.map(row)}
      </tbody>
    </table>
    <p class="quiet">
      ${
        unknown
          ? 'The best trials cannot be told from the rest yet, so that no importance is given.'
          : html`Importance is PED-ANOVA (Watanabe, Bansal and Hutter, IJCAI 2023,
              <a href="https://arxiv.org/abs/2304.10255">arXiv 2304.10255</a>): how differently a parameter’s
              values lie among the best ${best} trials and among all ${trials}, as a share of the sum.`
      }
      It sees each parameter alone, and is high too where the best values are not at an end. Rank correlation
      is Spearman’s: +1 where ${metric} always rises with the parameter, −1 where it always falls; values
      without an order have none. Trials that were stopped early count by the figure that they had then;
      failed ones do not count.
    </p>
  </section>`;
}

function row({ dimension, share, correlation }: ParameterImportance): Markup {
  return html`<tr>
    <th scope="row">${nameMarkup(dimension.name, 60)}</th>
    <td>
      <div class="measure">
        <span class="number">${share === undefined ? '–' : percent(share, 1)}</span>
        <svg width="100%" height="12" aria-hidden="true">
          <rect class="rail" width="100%" height="12" />
          <rect class="plain" width="${along(share ?? 0, 1)}" height="12" />
        </svg>
      </div>
    </td>
    <td>
      <div class="measure">
        <span class="number">${correlation === undefined ? '–' : signed(correlation)}</span>
        <svg width="100%" height="12" aria-hidden="true">
          <rect class="rail" width="100%" height="12" />
          ${correlation === undefined ? undefined : correlationBar(correlation)}
          <line class="tick" x1="50%" x2="50%" y1="0" y2="12" />
        </svg>
      </div>
    </td>
  </tr>`;
}

/** From the middle, to the left where the metric falls. */
function correlationBar(correlation: number): Markup {
  return html`<rect
    class="${correlation < 0 ? 'falls' : 'rises'}"
    x="${rounded(50 + Math.min(0, correlation) * 50)}%"
    width="${rounded(Math.abs(correlation) * 50)}%"
    height="12"
  />`;
}

function signed(value: number): string {
  const text = Math.abs(value).toFixed(2);
  return text === '0.00' ? text : `${value < 0 ? '−' : '+'}${text}`;
}
