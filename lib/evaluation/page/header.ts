import { bytes, count, counted, moment } from '../../page/figures';
import { html, type Markup } from '../../page/html';
import { nameMarkup } from '../../page/names';
import { tile } from '../../page/tile';
import { decimals, share, shares, type EvaluationReport } from './content';

/** How good the model is, in one sentence and six figures. */
export function header({ evaluation, subject, dataset, at }: EvaluationReport): Markup {
  const { accuracy, accuracyInterval, baseline, pictures, split, intervals } = evaluation;
  const { macro, loss, calibration, latencyMs } = evaluation;
  const iso = new Date(at).toISOString();
  const between = (name: string) => {
    const found = intervals[name];
    return found === undefined ? 'no interval' : `${decimals(found[0])} to ${decimals(found[1])}`;
  };
  return html`<header>
    <p class="quiet">Report of an evaluation</p>
    <h1>${nameMarkup(subject)}</h1>
    <p>
      Measured on ${counted(pictures, `${split} picture`)} of ${nameMarkup(dataset)};
      <time datetime="${iso}">${moment(iso)}</time>
    </p>
    <p>
      <strong>${share(accuracy)}</strong> of the pictures are answered right (95 % interval
      ${shares(accuracyInterval)}). Always answering the commonest class would be right for
      ${share(baseline)}.
    </p>
    <dl class="tiles">
      ${tile('Accuracy', share(accuracy), shares(accuracyInterval))}
      ${tile('Macro F1', decimals(macro.f1), between('macro_f1'))}
      ${tile('Log loss', decimals(loss), between('loss'))}
      ${tile('ROC AUC', decimals(evaluation.rocAuc), between('roc_auc'))}
      ${tile('Calibration error', decimals(calibration?.ece ?? null), between('ece'))}
      ${tile(
        'One answer',
        latencyMs === null ? '–' : `${milliseconds(latencyMs.median)} ms`,
        evaluation.bytes === null
          ? `of ${count(evaluation.perClass.length)} classes`
          : `median; ${bytes(evaluation.bytes)}`,
      )}
    </dl>
  </header>`;
}

export function milliseconds(value: number): string {
  return value < 10 ? value.toFixed(2) : value.toFixed(1);
}
