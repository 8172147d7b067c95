import { fineTuningOf } from '../../../contracts/planned-epochs';
import { count, counted } from '../../page/figures';
import { html, type Markup } from '../../page/html';
import type { RunReport } from './content';

/** Points of accuracy between training and validation that are worth a word. */
const muchApart = 0.1;

interface Advice {
  readonly title: string;
  readonly found: string;
  readonly todo: string;
}

/** What the curves say that a person would do something about; undefined where they say nothing of the kind. */
export function worthALook(report: RunReport): Markup | undefined {
  const advice = [aboutEnd(report), aboutOverfitting(report), aboutGradients(report)].filter(
    (one) => one !== undefined,
  );
  if (advice.length === 0) return undefined;
  const items = advice.map(
    ({ title, found, todo }) =>
      html`<li>
        <h3>${title}</h3>
        <p>${found}</p>
        <p><strong>What to do:</strong> ${todo}</p>
      </li>`,
  );
  return html`<section id="advice" aria-labelledby="advice-title">
    <h2 id="advice-title">Worth a look</h2>
    <ul class="advice">
      ${items}
    </ul>
  </section>`;
}

function aboutEnd({ result: { best, config, history } }: RunReport): Advice | undefined {
  const last = history.at(-1)?.epoch ?? best.epoch;
  if (last < 2 || best.epoch < last) return undefined;
  const epochs = fineTuningOf(config) > 0 ? 'network.fine_tune.epochs' : 'epochs';
  return {
    title: 'It was still getting better when it ended',
    found: `The best epoch is the last, ${count(best.epoch)}.`,
    todo: `Train longer: raise ${epochs}, or the learning rate.`,
  };
}

function aboutOverfitting({ result: { best } }: RunReport): Advice | undefined {
  const apart = best.train_accuracy - best.validation_accuracy;
  if (!(apart > muchApart)) return undefined;
  return {
    title: 'It knows its training pictures better than others',
    found: `Accuracy in training is ${(100 * apart).toFixed(1)} points above that in validation.`,
    todo: 'More pictures, stronger augmentation, weight decay or label smoothing, or a smaller network.',
  };
}

function aboutGradients({ lines }: RunReport): Advice | undefined {
  const broken = lines.filter((line) => line.kind === 'step' && !Number.isFinite(line.gradient_norm)).length;
  if (broken === 0) return undefined;
  return {
    title: 'Gradients overflowed',
    found: `At ${counted(broken, 'step')} the gradient was no finite number; such steps teach nothing.`,
    todo: 'Lower lr, set clip_norm, or train with a wider precision.',
  };
}
