import { driftGroupNames, type DriftCheck, type DriftGroup } from '../../../contracts/schemas/drift';
import { count } from '../../page/figures';
import { html, type Markup } from '../../page/html';
import { verdictWords, type DriftReport } from './content';
import { figure } from './distributions';

const groups: Readonly<Record<DriftGroup, string>> = {
  embeddings: 'As the model sees the pictures',
  pictures: 'The pictures themselves',
  predictions: 'What is answered',
  confidence: 'How sure the answers are',
  foreign: 'Pictures that are like none of the reference',
  feedback: 'Whether the answers are right, where somebody said so',
};

/** Every check with its figures and what they mean, by what it looks at. */
export function checkTable({ look }: DriftReport): Markup | undefined {
  const { findings } = look;
  if (findings.checks.length === 0) return undefined;
  const { checks, falseAlarm, permutations } = findings;
  const shown = driftGroupNames
    .map((kind) => ({ kind, rows: checks.filter((check) => check.kind === kind) }))
    .filter(({ rows }) => rows.length > 0);
  return html`<section id="checks" aria-labelledby="checks-title">
    <h2 id="checks-title">Checks</h2>
    <div class="scroll">
      <table class="checks">
        <caption>
          Corrected p at or below ${figure(falseAlarm)} is drift: of windows without drift, about
          ${figure(100 * falseAlarm)} % are called so, all checks together (Holm). Intervals hold 95 %.
          ${permutations > 0 ? `Permutations: ${count(permutations)}.` : ''}
        </caption>
        <thead>
          <tr>
            <th scope="col">Check</th>
            <th scope="col">Verdict</th>
            <th scope="col" class="number">Figure</th>
            <th scope="col" class="number">Corrected p</th>
            <th scope="col" class="number wide">Size</th>
            <th scope="col" class="wide">What it says</th>
          </tr>
        </thead>
        <tbody>
          ${shown.map(
            ({ kind, rows }) =>
              html`<tr class="group">
                  <th scope="rowgroup" colspan="6">${groups[kind]}</th>
                </tr>
                ${rows.map(row)}`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

function row({ name, verdict, measure, statistic, interval, adjusted, effect, why }: DriftCheck): Markup {
  return html`<tr>
    <th scope="row">${name}</th>
    <td><span class="${verdict}-mark">${verdictWords[verdict]}</span></td>
    <td class="number">
      ${statistic === null ? '–' : html`${figure(statistic)} ${under(measure)}`}
      ${interval === null ? undefined : under(`${figure(interval[0])} to ${figure(interval[1])}`)}
    </td>
    <td class="number">${adjusted === null ? '–' : chance(adjusted)}</td>
    <td class="number wide">
      ${effect === null ? '–' : html`${figure(effect.value)} ${under(effect.measure)}`}
    </td>
    <td class="wide quiet why">${why}</td>
  </tr>`;
}

function under(text: string): Markup {
  return html`<span class="quiet under">${text}</span>`;
}

/** Below this, nobody tells one from another. */
const leastChance = 0.0001;

function chance(p: number): string {
  return p < leastChance ? `< ${leastChance}` : figure(p);
}
