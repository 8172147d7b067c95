import { Failure } from '../../contracts/failures';
import { didYouMean } from '../../contracts/schemas/nearest';
import type { RunConfig } from '../../contracts/schemas/run';
import { free, scalar, upload, type Handle } from '../tensorflow/handles';
import { mul } from '../tensorflow/operations/arithmetic';
import { denseCrossEntropy, sparseCrossEntropy, type Entropy } from '../tensorflow/operations/loss';
import type { Mix } from './augmentation/apply';

/** What a batch should be answered with. */
export interface Targets {
  readonly labels: Int32Array;
  /** A distribution over the classes for each picture, `[count, classes]`; undefined where the labels are all. */
  readonly rows: Float32Array | undefined;
  /** What each picture counts; undefined where all count alike. */
  readonly weights: Float32Array | undefined;
}

/** What a training minimises: the mean over a batch of each picture's weighted cross entropy. */
export interface Objective {
  /** @param mix - Which pictures were mixed into which. */
  targets(labels: Int32Array, mix: Mix | undefined): Targets;
  /**
   * @param logits - `[count, classes]`, of the batch from its picture `from` on; not freed.
   * @param options.of - Pictures that the mean is over: of the whole step, where this is a part of it.
   * @param options.scale - What the gradient is multiplied by, against underflow of half precision.
   * @returns the losses, and the gradient of the logits.
   */
  entropy(
    logits: Handle,
    targets: Targets,
    options: { readonly from: number; readonly of: number; readonly scale: number },
  ): Entropy;
}

export interface ObjectiveSettings {
  readonly classes: number;
  /** Share of certainty that is spread over all classes (Szegedy et al., 2016). */
  readonly smoothing: number;
  /** One for each class, or undefined where all count alike. */
  readonly weights: readonly number[] | undefined;
}

export function createObjective({ classes, smoothing, weights }: ObjectiveSettings): Objective {
  const weightOf = (label: number): number => weights?.[label] ?? 1;

  /** Each row a distribution over the classes. */
  const rowsOf = (labels: Int32Array, mix: Mix | undefined): Float32Array => {
    const rows = new Float32Array(labels.length * classes).fill(smoothing / classes);
    labels.forEach((label, at) => {
      const own = mix?.shares[at] ?? 1;
      const give = (to: number, share: number): void => {
        rows[at * classes + to] = (rows[at * classes + to] ?? 0) + share * (1 - smoothing);
      };
      give(label, own);
      if (mix) give(labels[mix.partners[at] ?? at] ?? label, 1 - own);
    });
    return rows;
  };

  const weightsOf = (labels: Int32Array, mix: Mix | undefined): Float32Array =>
    Float32Array.from(labels, (label, at) => {
      if (!mix) return weightOf(label);
      const own = mix.shares[at] ?? 1;
      return own * weightOf(label) + (1 - own) * weightOf(labels[mix.partners[at] ?? at] ?? label);
    });

  return {
    targets(labels, mix) {
      const plain = smoothing === 0 && mix === undefined;
      return {
        labels,
        rows: plain ? undefined : rowsOf(labels, mix),
        weights: weights && weightsOf(labels, mix),
      };
    },
    entropy(logits, { labels, rows, weights: counts }, { from, of, scale }) {
      const count = logits.shape[0] ?? 0;
      const to = from + count;
      const answer = rows
        ? upload(rows.subarray(from * classes, to * classes), [count, classes])
        : upload(labels.subarray(from, to), [count]);
      const found = rows ? denseCrossEntropy(logits, answer) : sparseCrossEntropy(logits, answer);
      free(answer);
      if (counts === undefined) {
        const share = scalar(scale / of);
        const gradient = mul(found.gradient, share);
        free(found.gradient, share);
        return { losses: found.losses, gradient };
      }
      const part = counts.subarray(from, to);
      const weight = upload(part, [count]);
      const share = upload(
        part.map((value) => (value * scale) / of),
        [count, 1],
      );
      const [losses, gradient] = [mul(found.losses, weight), mul(found.gradient, share)];
      free(found.losses, found.gradient, weight, share);
      return { losses, gradient };
    },
  };
}

/**
 * The weight of each class by the run's `class_weights`. Balanced weights are those of scikit-learn: pictures divided by
 * classes times the class' own pictures, so that their mean over all pictures is 1.
 *
 * @param labels - Of the training pictures.
 * @throws Failure `configuration-invalid` naming a class that isn't there.
 */
export function classWeights(
  asked: RunConfig['class_weights'],
  classes: readonly string[],
  labels: Int32Array,
): readonly number[] | undefined {
  if (asked === 'none') return undefined;
  if (asked === 'balanced') {
    const counts = classes.map(() => 0);
    for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
    return counts.map((count) => (count === 0 ? 1 : labels.length / (classes.length * count)));
  }
  for (const name of Object.keys(asked)) {
    if (classes.includes(name)) continue;
    throw new Failure(
      'configuration-invalid',
      `class_weights.${name}: the prepared set has no such class${didYouMean(name, classes)}.`,
    );
  }
  return classes.map((name) => asked[name] ?? 1);
}
