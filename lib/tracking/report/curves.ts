import type { EpochLine, StepLine } from '../../../contracts/schemas/metrics';
import { count } from '../../page/figures';
import { html, type Markup } from '../../page/html';
import type { RunReport } from './content';
import { lineChart, type Point, type Series } from './line-chart';

/** Points of one curve: more than this can't be seen, and make the page large. */
const mostPoints = 240;
const mostRows = 500;

/** Loss, accuracy, learning rate, pictures a second and gradients over the run, and a table of its epochs. */
export function curves({ result, lines }: RunReport): Markup {
  const steps = lines.filter((line) => line.kind === 'step');
  const epochs = epochsOf({ result, lines });
  const perEpoch = stepsPerEpoch(epochs, steps);
  const ofSteps = (value: (line: StepLine) => number): Point[] =>
    thinned(steps.map((line) => ({ x: line.step / perEpoch, y: value(line) })));
  const ofEpochs = (value: (line: EpochLine) => number): Point[] =>
    thinned(epochs.map((line) => ({ x: line.epoch, y: value(line) })));
  const pair = (figure: 'loss' | 'accuracy'): Series[] => [
    { name: 'single steps', look: 'steps', points: ofSteps((line) => line[figure]) },
    { name: 'train', look: 'train', points: ofEpochs((line) => line[`train_${figure}`]), dotted: true },
    {
      name: 'validation',
      look: 'validation',
      points: ofEpochs((line) => line[`validation_${figure}`]),
      dotted: true,
    },
  ];
  const alone = (name: string, value: (line: StepLine) => number): Series[] => [
    { name, look: 'alone', points: ofSteps(value) },
  ];
  const mark = { x: result.best.epoch, name: 'best' };
  return html`<section id="curves" aria-labelledby="curves-title">
    <h2 id="curves-title">Curves</h2>
    <div class="charts">
      ${lineChart({ title: 'Loss', series: pair('loss'), mark })}
      ${lineChart({ title: 'Accuracy', series: pair('accuracy'), most: 1, mark })}
      ${
        steps.length === 0
          ? undefined
          : [
              lineChart({
                title: 'Learning rate',
                series: alone('learning rate', ({ lr }) => lr),
              }),
              lineChart({
                title: 'Pictures a second',
                series: alone('pictures a second', (line) => line.pictures_per_second),
              }),
              lineChart({
                title: 'Gradient, before clipping',
                series: alone('gradient norm', (line) => line.gradient_norm),
              }),
            ]
      }
    </div>
    ${epochTable(epochs, result.best.epoch)}
  </section>`;
}

/** The epochs as they were told, or, of a run from before there were metrics, as its result has them. */
function epochsOf({ result, lines }: Pick<RunReport, 'result' | 'lines'>): EpochLine[] {
  const told = lines.filter((line) => line.kind === 'epoch');
  if (told.length > 0) return told;
  return result.history.map((metrics) => ({ kind: 'epoch', step: 0, at: 0, ...metrics }));
}

function stepsPerEpoch(epochs: readonly EpochLine[], steps: readonly StepLine[]): number {
  const last = epochs.at(-1);
  if (last !== undefined && last.step > 0) return last.step / last.epoch;
  return Math.max(1, steps.at(-1)?.step ?? 1);
}

/** At most {@link mostPoints}, each the mean of its neighbours; what is no number is left out. */
export function thinned(points: readonly Point[]): Point[] {
  const finite = points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y));
  if (finite.length <= mostPoints) return finite;
  return Array.from({ length: mostPoints }, (_, index) => {
    const from = Math.floor((index * finite.length) / mostPoints);
    const near = finite.slice(from, Math.floor(((index + 1) * finite.length) / mostPoints));
    const mean = (of: (point: Point) => number) =>
      near.reduce((sum, point) => sum + of(point), 0) / near.length;
    return { x: mean(({ x }) => x), y: mean(({ y }) => y) };
  });
}

function epochTable(epochs: readonly EpochLine[], best: number): Markup {
  const shown = epochs.slice(-mostRows);
  const rows = shown.map(
    (line) =>
      html`<tr>
        <th scope="row">${line.epoch}${line.epoch === best ? html` <span class="badge">best</span>` : ''}</th>
        ${[line.train_loss, line.validation_loss, line.train_accuracy, line.validation_accuracy].map(
          (value) => html`<td class="number">${value.toFixed(4)}</td>`,
        )}
        <td class="number">${line.seconds.toFixed(1)}</td>
      </tr>`,
  );
  return html`<details>
    <summary><h3>Every epoch</h3></summary>
    ${
      shown.length < epochs.length
        ? html`<p class="quiet">The last ${count(mostRows)} of ${count(epochs.length)}.</p>`
        : undefined
    }
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Epoch</th>
            <th scope="col" class="number">Train loss</th>
            <th scope="col" class="number">Validation loss</th>
            <th scope="col" class="number">Train accuracy</th>
            <th scope="col" class="number">Validation accuracy</th>
            <th scope="col" class="number">Seconds</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
  </details>`;
}
