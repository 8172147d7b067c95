import type { Calibration } from '../../../contracts/schemas/evaluation';
import { count, percent } from '../../page/figures';
import { html, type Markup } from '../../page/html';
import { rounded } from '../../page/scale';
import { decimals, share, type EvaluationReport } from './content';

const frame = { left: 46, top: 10, side: 260, gap: 16, strip: 60, right: 14, bottom: 40 };
const ticks = [0, 0.25, 0.5, 0.75, 1];

/** Whether the model is as often right as it says: the reliability diagram of Guo et al. (2017). */
export function reliabilityDiagram({ evaluation }: EvaluationReport): Markup | undefined {
  const { calibration, pictures } = evaluation;
  if (calibration === null) return undefined;
  return html`<section id="calibration" aria-labelledby="calibration-title">
    <h2 id="calibration-title">Calibration</h2>
    <div class="charts">
      ${diagram(calibration, pictures)}
      <div>
        <p>${verdict(calibration)}</p>
        <p>${temperature(calibration)}</p>
        ${binTable(calibration)}
      </div>
    </div>
  </section>`;
}

function verdict({ ece, bins }: Calibration): string {
  const filled = bins.filter((bin) => bin.pictures > 0);
  const total = filled.reduce((sum, bin) => sum + bin.pictures, 0);
  const gap = filled.reduce(
    (sum, bin) => sum + bin.pictures * ((bin.confidence ?? 0) - (bin.accuracy ?? 0)),
    0,
  );
  const mean = total === 0 ? 0 : gap / total;
  const lean =
    Math.abs(mean) < 0.01
      ? 'On average the model is as often right as it says.'
      : `On average the model says ${percent(Math.abs(mean), 1)} ${mean > 0 ? 'more' : 'less'} than it keeps: ` +
        `it is ${mean > 0 ? 'over' : 'under'}-confident.`;
  return `Expected calibration error ${decimals(ece)}. ${lean}`;
}

function temperature({ temperature: fitted, ece, eceAfter, nllAfter }: Calibration): string {
  if (fitted === null) {
    return 'No temperature was fitted: the validation pictures determine none.';
  }
  const better = ece !== null && eceAfter !== null && eceAfter < ece;
  return (
    `Logits divided by the temperature ${fitted.toFixed(3)}, which was fitted on the validation pictures alone, would give ` +
    `a calibration error of ${decimals(eceAfter)} and a log loss of ${decimals(nllAfter)} here. Answers stay the same.` +
    (better ? '' : ' That is no better; the validation pictures may not be like these.')
  );
}

function diagram({ bins }: Calibration, pictures: number): Markup {
  const bottom = frame.top + frame.side;
  const right = frame.left + frame.side;
  const base = bottom + frame.gap + frame.strip;
  const xOf = (value: number) => rounded(frame.left + frame.side * value);
  const yOf = (value: number) => rounded(bottom - frame.side * value);
  const most = Math.max(1, ...bins.map((bin) => bin.pictures));
  const bars = bins
    .filter((bin) => bin.pictures > 0)
    .map(({ low, high, accuracy, confidence, pictures: held }) => {
      const [reached, said] = [accuracy ?? 0, confidence ?? 0];
      const width = rounded(frame.side * (high - low) - 1);
      const [upper, lower] = [Math.max(reached, said), Math.min(reached, said)];
      const height = rounded((frame.strip * held) / most);
      return html`<rect
          class="train"
          x="${xOf(low)}"
          y="${yOf(reached)}"
          width="${width}"
          height="${rounded(bottom - yOf(reached))}"
        />
        <rect
          class="gap"
          x="${xOf(low)}"
          y="${yOf(upper)}"
          width="${width}"
          height="${rounded(yOf(lower) - yOf(upper))}"
        >
          <title>Confidence ${share(said)}, right ${share(reached)}, of ${count(held)}</title>
        </rect>
        <rect class="test" x="${xOf(low)}" y="${base - height}" width="${width}" height="${height}" />`;
    });
  return html`<figure>
    <h3>Reliability</h3>
    <svg
      class="chart"
      viewBox="0 0 ${right + frame.right} ${base + frame.bottom}"
      role="img"
      aria-label="Accuracy by confidence, in 15 bins of equal width; the values stand in the table beside it"
    >
      ${ticks.map(
        (tick) =>
          html`<line class="grid" x1="${frame.left}" x2="${right}" y1="${yOf(tick)}" y2="${yOf(tick)}" />
            <text x="${frame.left - 6}" y="${yOf(tick) + 4}" text-anchor="end">${tick * 100} %</text>
            <text x="${xOf(tick)}" y="${base + 15}" text-anchor="middle">${tick * 100} %</text>`,
      )}
      ${bars}
      <line class="ideal" x1="${xOf(0)}" x2="${xOf(1)}" y1="${yOf(0)}" y2="${yOf(1)}" />
      <line class="tick" x1="${frame.left}" x2="${right}" y1="${base}" y2="${base}" />
      <text x="${frame.left + frame.side / 2}" y="${base + 32}" text-anchor="middle">
        confidence of the answer
      </text>
    </svg>
    <ul class="legend" aria-label="Colours">
      <li>
        <svg width="12" height="12" aria-hidden="true"><rect class="train" width="12" height="12" /></svg>
        accuracy
      </li>
      <li>
        <svg width="12" height="12" aria-hidden="true"><rect class="gap" width="12" height="12" /></svg> gap
        to the confidence
      </li>
      <li>
        <svg width="12" height="12" aria-hidden="true"><rect class="test" width="12" height="12" /></svg>
        share of the ${count(pictures)} pictures
      </li>
    </ul>
  </figure>`;
}

function binTable({ bins }: Calibration): Markup {
  const rows = bins
    .filter((bin) => bin.pictures > 0)
    .map(
      ({ low, high, pictures, confidence, accuracy }) =>
        html`<tr>
          <th scope="row">${percent(low, 1)} to ${percent(high, 1)}</th>
          <td class="number">${count(pictures)}</td>
          <td class="number">${share(confidence)}</td>
          <td class="number">${share(accuracy)}</td>
        </tr>`,
    );
  return html`<details>
    <summary><h3>Every bin</h3></summary>
    <table>
      <thead>
        <tr>
          <th scope="col">Confidence</th>
          <th scope="col" class="number">Pictures</th>
          <th scope="col" class="number">Mean</th>
          <th scope="col" class="number">Right</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </details>`;
}
