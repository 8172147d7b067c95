import type { LoadedSplit } from '../data/prepared-set';
import { classifyAll } from '../evaluation/classify';
import { measureLatency } from '../evaluation/latency';
import { argmax } from '../evaluation/metrics/argmax';
import { logLoss } from '../evaluation/metrics/log-loss';
import { quantile } from '../evaluation/metrics/quantile';
import { openClassifier } from '../inference/classifier';
import type { Measured } from './choose';

/** Latency is measured in turn, so that what else the machine does meets every form alike. */
const rounds = 5;

type Figures = Pick<Measured, 'latencyMs' | 'accuracy' | 'loss' | 'agreement'>;

/**
 * The figures of several forms of a model on the pictures of a split.
 *
 * @param forms - The first is what the others have to agree with.
 * @param onPictures - Hears how many more have been answered.
 */
export async function measureForms(
  forms: readonly Uint8Array[],
  { images, labels, count }: LoadedSplit,
  onPictures: (count: number) => void,
  signal: AbortSignal | undefined,
): Promise<readonly Figures[]> {
  const classifiers = await Promise.all(forms.map((onnx) => openClassifier(onnx, { threads: 1 })));
  try {
    const truth = Int32Array.from(labels);
    const answered: Float32Array[] = [];
    for (const classifier of classifiers)
      answered.push(await classifyAll(classifier, images, count, onPictures, signal));
    const medians: number[][] = forms.map(() => []);
    const slow: number[][] = forms.map(() => []);
    for (let round = 0; round < rounds; round += 1) {
      for (const [at, classifier] of classifiers.entries()) {
        const latency = await measureLatency(classifier, images, count, signal);
        medians[at]?.push(latency?.median ?? NaN);
        slow[at]?.push(latency?.p95 ?? NaN);
      }
    }
    return answered.map((probabilities, at) => {
      const classes = probabilities.length / count;
      const answers = truth.map((_, picture) => argmax(probabilities, picture * classes, classes));
      const plain = truth.map((_, picture) =>
        argmax(answered[0] ?? probabilities, picture * classes, classes),
      );
      const shareOf = (others: Int32Array): number =>
        answers.filter((answer, picture) => answer === others[picture]).length / count;
      return {
        latencyMs: { median: quantile(medians[at] ?? [], 0.5), p95: quantile(slow[at] ?? [], 0.5) },
        accuracy: shareOf(truth),
        loss: logLoss({ probabilities, truth, classes }) ?? NaN,
        agreement: shareOf(plain),
      };
    });
  } finally {
    await Promise.all(classifiers.map((classifier) => classifier.dispose()));
  }
}
