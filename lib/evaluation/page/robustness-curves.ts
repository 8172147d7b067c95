import { corruptionKinds, type CorruptionKind, type Robustness } from '../../../contracts/schemas/evaluation';
import { corruptionAmounts, leastSigma } from '../../images/corruption/corrupt';
import { count } from '../../page/figures';
import { html, type Markup } from '../../page/html';
import { rounded } from '../../page/scale';
import { share, type EvaluationReport } from './content';

const titles: Readonly<Record<CorruptionKind, string>> = {
  blur: 'Blur',
  noise: 'Noise',
  jpeg: 'JPEG',
  brightness: 'Brightness',
  rotation: 'Turn',
};
const amounts: Readonly<Record<CorruptionKind, (amount: number) => string>> = {
  blur: (amount) => `σ ${leastSigma} px + ${Number((amount * 100).toPrecision(2))} % of the side`,
  noise: (amount) => `σ ${amount} of 255`,
  jpeg: (amount) => `quality ${amount}`,
  brightness: (amount) => `±${Math.round(amount * 100)} %`,
  rotation: (amount) => `±${amount}°`,
};
const frame = { left: 42, top: 10, width: 230, height: 120, right: 10, bottom: 36 };
const ticks = [0, 0.5, 1];

/** How the accuracy falls as pictures get worse, in five ways. */
export function robustnessCurves({ evaluation }: EvaluationReport): Markup | undefined {
  const { robustness, accuracy, pictures } = evaluation;
  const drawn = robustness[0]?.pictures;
  if (drawn === undefined) return undefined;
  const kinds = corruptionKinds
    .map((kind) => ({ kind, rows: robustness.filter((row) => row.kind === kind) }))
    .filter(({ rows }) => rows.length > 0);
  return html`<section id="robustness" aria-labelledby="robustness-title">
    <h2 id="robustness-title">Robustness</h2>
    <p>
      The accuracy on
      ${drawn < pictures ? `${count(drawn)} of the pictures, drawn by chance` : 'the same pictures'}, made
      worse at five strengths; 0 is the accuracy on all of them as they are. The dashed line is that of always
      answering the commonest class.
    </p>
    <div class="charts small">
      ${kinds.map(({ kind, rows }) => curve(kind, rows, accuracy, evaluation.baseline))}
    </div>
    ${table(kinds)}
  </section>`;
}

function curve(kind: CorruptionKind, rows: readonly Robustness[], clean: number, baseline: number): Markup {
  const bottom = frame.top + frame.height;
  const right = frame.left + frame.width;
  const xOf = (strength: number) => rounded(frame.left + (frame.width * strength) / 5);
  const yOf = (value: number) => rounded(bottom - frame.height * value);
  const points = [
    { strength: 0, accuracy: clean },
    ...rows.flatMap(({ strength, accuracy }) => (accuracy === null ? [] : [{ strength, accuracy }])),
  ];
  const path = points
    .map((point, at) => `${at === 0 ? 'M' : 'L'}${xOf(point.strength)} ${yOf(point.accuracy)}`)
    .join('');
  return html`<figure>
    <h3>${titles[kind]}</h3>
    <svg
      class="chart"
      viewBox="0 0 ${right + frame.right} ${bottom + frame.bottom}"
      role="img"
      aria-label="${titles[kind]}: accuracy from ${share(clean)} to ${share(points.at(-1)?.accuracy ?? null)} at strength 5"
    >
      ${ticks.map(
        (tick) =>
          html`<line class="grid" x1="${frame.left}" x2="${right}" y1="${yOf(tick)}" y2="${yOf(tick)}" />
            <text x="${frame.left - 6}" y="${yOf(tick) + 4}" text-anchor="end">${tick * 100} %</text>`,
      )}
      ${[0, 1, 2, 3, 4, 5].map(
        (strength) =>
          html`<text x="${xOf(strength)}" y="${bottom + 15}" text-anchor="middle">${strength}</text>`,
      )}
      <text x="${frame.left + frame.width / 2}" y="${bottom + 31}" text-anchor="middle">strength</text>
      <line class="ideal" x1="${frame.left}" x2="${right}" y1="${yOf(baseline)}" y2="${yOf(baseline)}" />
      <path class="curve" d="${path}" />
      ${points.map(
        ({ strength, accuracy }) =>
          html`<circle class="train" cx="${xOf(strength)}" cy="${yOf(accuracy)}" r="3">
            <title>strength ${strength}: ${share(accuracy)}</title>
          </circle>`,
      )}
    </svg>
  </figure>`;
}

function table(kinds: readonly { kind: CorruptionKind; rows: readonly Robustness[] }[]): Markup {
  return html`<details>
    <summary><h3>Every strength</h3></summary>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Made worse by</th>
            ${[1, 2, 3, 4, 5].map((strength) => html`<th scope="col" class="number">${strength}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${kinds.map(
            ({ kind, rows }) =>
              html`<tr>
                <th scope="row">${titles[kind]}</th>
                ${rows.map(
                  ({ strength, accuracy }) =>
                    html`<td class="number">
                      ${share(accuracy)}
                      <span class="quiet amount"
                        >${amounts[kind](corruptionAmounts[kind][strength - 1] ?? 0)}</span
                      >
                    </td>`,
                )}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;
}
