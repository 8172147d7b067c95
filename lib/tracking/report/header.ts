import { plannedEpochs } from '../../../contracts/planned-epochs';
import { count, duration, moment, percent, ratio } from '../../page/figures';
import { html, type Markup } from '../../page/html';
import { tile } from '../../page/tile';
import type { RunReport } from './content';

/** Which epoch is the model, and how good it is. */
export function header({ result, lines, at }: RunReport): Markup {
  const { run, best, history, config, parameters } = result;
  const seconds = history.reduce((sum, epoch) => sum + epoch.seconds, 0);
  const speeds = lines.flatMap((line) => (line.kind === 'step' ? [line.pictures_per_second] : []));
  const iso = new Date(at).toISOString();
  const last = history.at(-1)?.epoch ?? best.epoch;
  const planned = plannedEpochs(config);
  const early = last < planned ? `, stopped early of ${count(planned)}` : '';
  return html`<header>
    <p class="quiet">Report of a run</p>
    <h1>${run}</h1>
    <p>Finished <time datetime="${iso}">${moment(iso)}</time></p>
    <p>
      The model is that of epoch <strong>${count(best.epoch)}</strong> of ${count(last)}${early}, which has
      the best ${config.best_by === 'validation_loss' ? 'validation loss' : 'validation accuracy'}:
      <strong>${share(best.validation_accuracy)}</strong> of the validation pictures are answered right.
    </p>
    <dl class="tiles">
      ${tile('Validation accuracy', share(best.validation_accuracy), `epoch ${count(best.epoch)}`)}
      ${tile('Validation loss', best.validation_loss.toFixed(3), `train ${best.train_loss.toFixed(3)}`)}
      ${tile('Train accuracy', share(best.train_accuracy), 'in the same epoch')}
      ${tile('Time', duration(seconds), `${duration(seconds / Math.max(1, history.length))} an epoch`)}
      ${tile('Pictures a second', speeds.length > 0 ? speed(speeds) : '–', speeds.length > 0 ? 'median, training' : 'not recorded')}
      ${tile('Parameters', short(parameters), 'trainable numbers')}
    </dl>
  </header>`;
}

/** A share of 1 as per cent. */
function share(value: number): string {
  return Number.isFinite(value) ? percent(value, 1) : '–';
}

function speed(values: readonly number[]): string {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  return median === undefined ? '–' : ratio(median);
}

/** `1.2 M`, in powers of 1000. */
function short(value: number): string {
  const units = ['', ' k', ' M', ' G'];
  let [rest, unit] = [value, 0];
  for (; rest >= 999.5 && unit < units.length - 1; unit += 1) rest /= 1000;
  return `${unit > 0 && rest < 99.95 ? rest.toFixed(1) : rest.toFixed(0)}${units[unit] ?? ''}`;
}
