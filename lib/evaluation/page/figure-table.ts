import type { Evaluation, EvaluationMetric } from '../../../contracts/schemas/evaluation';
import { bytes } from '../../page/figures';
import { html, type Markup } from '../../page/html';
import { metricOf } from '../metric-of';
import { decimals, share, type EvaluationReport } from './content';
import { milliseconds } from './header';

interface Row {
  readonly metric: EvaluationMetric;
  readonly name: string;
  readonly meaning: string;
  readonly write: (value: number) => string;
}

const rows: readonly Row[] = [
  { metric: 'accuracy', name: 'Accuracy', meaning: 'share of right answers', write: share },
  ...(['2', '3', '5'] as const).map((k): Row => ({
    metric: `top_${k}`,
    name: `Top-${k} accuracy`,
    meaning: `the class is among the ${k} likeliest answers`,
    write: share,
  })),
  { metric: 'macro_precision', name: 'Precision, macro', meaning: 'mean over the classes', write: decimals },
  { metric: 'macro_recall', name: 'Recall, macro', meaning: 'mean over the classes', write: decimals },
  { metric: 'macro_f1', name: 'F1, macro', meaning: 'mean over the classes', write: decimals },
  {
    metric: 'weighted_precision',
    name: 'Precision, weighted',
    meaning: 'by pictures of a class',
    write: decimals,
  },
  { metric: 'weighted_recall', name: 'Recall, weighted', meaning: 'by pictures of a class', write: decimals },
  { metric: 'weighted_f1', name: 'F1, weighted', meaning: 'by pictures of a class', write: decimals },
  { metric: 'roc_auc', name: 'ROC AUC', meaning: 'each class against the rest, mean', write: decimals },
  { metric: 'loss', name: 'Log loss', meaning: 'mean −ln of the true class’s probability', write: decimals },
  {
    metric: 'nll_after',
    name: 'Log loss with temperature',
    meaning: 'logits divided by it',
    write: decimals,
  },
  { metric: 'brier', name: 'Brier score', meaning: 'squared distance, from 0 to 2', write: decimals },
  { metric: 'ece', name: 'Calibration error', meaning: 'ECE, 15 bins of equal width', write: decimals },
  {
    metric: 'ece_after',
    name: 'Calibration error with temperature',
    meaning: 'the same bins',
    write: decimals,
  },
  {
    metric: 'latency_ms',
    name: 'Latency, median',
    meaning: 'one picture, one thread, without decoding',
    write: (value) => `${milliseconds(value)} ms`,
  },
  {
    metric: 'latency_p95_ms',
    name: 'Latency, 95th percentile',
    meaning: 'on the machine that evaluated',
    write: (value) => `${milliseconds(value)} ms`,
  },
  { metric: 'bytes', name: 'Size', meaning: 'of the served form', write: bytes },
];

/** Every figure by the name that a gate knows it by, with its interval where it has one. */
export function figureTable({ evaluation }: EvaluationReport): Markup {
  const shown = rows.flatMap((row) => {
    const value = metricOf(evaluation, row.metric);
    return value === null ? [] : [{ ...row, value }];
  });
  return html`<section id="figures" aria-labelledby="figures-title">
    <h2 id="figures-title">Figures</h2>
    <div class="scroll">
      <table>
        <caption>
          Intervals hold 95 %: Wilson’s for the accuracy, percentiles of 1,000 bootstrap draws for the others.
        </caption>
        <thead>
          <tr>
            <th scope="col">Figure</th>
            <th scope="col" class="number">Value</th>
            <th scope="col" class="number">95 % interval</th>
            <th scope="col" class="wide">Meaning</th>
            <th scope="col" class="wide">In gates</th>
          </tr>
        </thead>
        <tbody>
          ${shown.map(
            ({ metric, name, meaning, write, value }) =>
              html`<tr>
                <th scope="row">${name}</th>
                <td class="number">${write(value)}</td>
                <td class="number">${intervalText(evaluation, metric, write)}</td>
                <td class="wide quiet">${meaning}</td>
                <td class="wide"><code>${metric}</code></td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

function intervalText(
  evaluation: Evaluation,
  metric: EvaluationMetric,
  write: (value: number) => string,
): string {
  const found = metric === 'accuracy' ? evaluation.accuracyInterval : evaluation.intervals[metric];
  return found === undefined ? '–' : `${write(found[0])} to ${write(found[1])}`;
}
