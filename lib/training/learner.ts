import type { Precision, RunConfig } from '../../contracts/schemas/run';
import { createRandom } from '../random';
import type { ComputeType } from '../model/program/operation';
import { createProgram } from '../model/program/program';
import type { tf } from '../tensorflow';
import {
  download,
  downloadScalar,
  free,
  keep,
  scalar,
  scoped,
  upload,
  type Handle,
} from '../tensorflow/handles';
import { addAll, cast, halfSquares, mul, slice, softmax } from '../tensorflow/operations/arithmetic';
import { sparseCrossEntropy } from '../tensorflow/operations/loss';
import { readAll, sizeOf, writeAll } from '../tensorflow/variables';
import { augmentImages } from './augmentation/apply';
import { createAveragedWeights } from './averaged-weights';
import type { Batch } from './batches';
import { createLossScale } from './loss-scale';
import type { Objective, Targets } from './objective';
import { createOptimizer } from './optimizers';
import { createPruner } from './pruning';

/** Of one batch. */
export interface BatchFigures {
  /** Added up over the batch. */
  readonly loss: number;
  /** Right answers. */
  readonly correct: number;
}

/** What a batch, or a part of it, has to say about the weights. */
export interface Computed {
  readonly figures: BatchFigures;
  /** One for each variable; for {@link Learner.apply}, which frees them. */
  readonly gradients: Handle[];
}

export interface StepTaken {
  /** The gradient's length before clipping; undefined where nobody asked. */
  readonly gradientNorm: number | undefined;
}

/** A network with its optimiser: everything of a training that changes as it goes. */
export interface Learner {
  /** Trainable numbers. */
  readonly parameters: number;
  /** Of the variables, and of their gradients. */
  readonly shapes: readonly (readonly number[])[];
  /** How long `weights` and `state` are. */
  readonly sizes: { readonly weights: number; readonly state: number };
  /**
   * @param step - From 1, over the whole run; dropout follows from it and the seed.
   * @param of - Pictures of the whole step, where the batch is a part of it. No pictures: a gradient of 0.
   */
  compute(batch: Batch, step: number, of?: number): Computed;
  /**
   * One step of the optimiser.
   *
   * @param at.step - From 1, of this learner: how old the moments and averages are follows from it.
   * @param at.norm - Whether the gradient's length is wanted.
   */
  apply(
    computed: Computed,
    at: {
      readonly step: number;
      readonly rate: number;
      readonly norm?: boolean;
      /** The share of each kernel that is to be 0 from this step on, where weights are chosen after it. */
      readonly sparsity?: number | undefined;
    },
  ): StepTaken;
  /** Answers a batch, with no dropout, and learns nothing; by the averaged weights where there are any. */
  judge(batch: Batch): BatchFigures;
  /** Probabilities `[count, classes]`, as `judge`. */
  answer(batch: Batch): Float32Array;
  /** The weights by which it is judged, statistics of batch norm included. */
  weights(): Float32Array;
  setWeights(values: Float32Array): void;
  /** All that changes: weights, statistics, the optimiser's slots, averages, the loss scale. */
  state(): Float32Array;
  setState(values: Float32Array): void;
  /** What stays the same in processes that share every step; of the state all but {@link own}. */
  common(): Float32Array;
  /** What each such process counts of its own pictures: statistics of batch norm, with their averages. */
  own(): Float32Array;
  setOwn(values: Float32Array): void;
  /** Each gradient's length of the newest `compute`, by variable; for a diagnosis. */
  gradientNorms(computed: Computed): { readonly name: string; readonly norm: number }[];
  /** The weights by the names that they are saved under. */
  named(): { readonly name: string; readonly values: Float32Array }[];
  /** Brings the weights into the layers model, which stays when this is disposed. */
  store(): void;
  dispose(): void;
}

export interface LearnerOptions {
  readonly model: tf.LayersModel;
  readonly config: Pick<
    RunConfig,
    'optimizer' | 'weight_decay' | 'momentum' | 'precision' | 'clip_norm' | 'ema' | 'seed' | 'micro_batch'
  >;
  readonly objective: Objective;
  /** Whether weights are pruned. */
  readonly prunes?: boolean;
  /** Whether batch norm follows each batch; `moving` leaves its statistics as they are. */
  readonly statistics: 'batch' | 'moving';
}

const computeTypes: Readonly<Record<Precision, ComputeType>> = {
  float32: 'float32',
  tf32: 'float32',
  mixed_bfloat16: 'bfloat16',
  mixed_float16: 'float16',
};

export function createLearner({ model, config, objective, statistics, prunes }: LearnerOptions): Learner {
  const program = createProgram(model, { type: computeTypes[config.precision], statistics });
  const { variables } = program;
  const weightsOf = [...variables, ...program.statistics];
  const optimizer = createOptimizer(config, variables);
  const average = config.ema > 0 ? createAveragedWeights(weightsOf, config.ema) : undefined;
  const pruner = prunes === true ? createPruner(variables, average?.slots ?? []) : undefined;
  const lossScale = createLossScale(config.precision === 'mixed_float16');
  const everything = [...weightsOf, ...optimizer.slots, ...(average?.slots ?? []), lossScale.state];
  const counted = [...program.statistics, ...(average?.slots.slice(variables.length) ?? [])];
  const alike = everything.filter((variable) => !counted.includes(variable));

  const inputOf = ({ count, images, shape }: Batch): Handle => {
    const given = upload(images, [count, ...shape]);
    if (given.type === 'float32') return given;
    const input = cast(given, 'float32');
    free(given);
    return input;
  };

  /** One pass there and back over a part of a batch. */
  const pass = (
    images: Handle,
    targets: Targets,
    options: Parameters<Objective['entropy']>[2] & { readonly key: string },
  ): Computed => {
    const trace = program.trace(images, (layer) => keyOf(`${config.seed}/${layer}/${options.key}`));
    const { losses, gradient } = objective.entropy(trace.output, targets, options);
    const figures = figuresOf(losses, trace.output, targets.labels.subarray(options.from));
    free(losses);
    const gradients = trace.backward(gradient);
    free(trace.output);
    return { figures, gradients };
  };

  const nothing = (): Computed => ({
    figures: { loss: 0, correct: 0 },
    gradients: variables.map(({ size, shape }) => keep(upload(new Float32Array(size), shape))),
  });

  const compute = (batch: Batch, step: number, of = batch.share?.of ?? batch.count): Computed =>
    scoped(() => {
      if (batch.count === 0) return nothing();
      let images = inputOf(batch);
      const augmented = batch.draw && augmentImages(images, batch.draw);
      if (augmented) {
        free(images);
        images = augmented.images;
      }
      const targets = objective.targets(batch.labels, augmented?.mix);
      const scale = lossScale.value();
      const size = Math.min(config.micro_batch ?? batch.count, batch.count);
      const before = batch.share?.from ?? 0;
      const parts: Computed[] = [];
      for (let from = 0; from < batch.count; from += size) {
        const count = Math.min(size, batch.count - from);
        const whole = count === batch.count;
        const part = whole
          ? images
          : slice(images, [from, ...batch.shape.map(() => 0)], [count, ...batch.shape]);
        parts.push(pass(part, targets, { from, of, scale, key: `${step}/${before + from}` }));
        if (!whole) free(part);
      }
      return joined(parts);
    });

  const judged = <T>(work: () => T): T => {
    if (!average) return work();
    const own = readAll(weightsOf);
    writeAll(weightsOf, average.values());
    try {
      return work();
    } finally {
      writeAll(weightsOf, own);
    }
  };

  const answers = <T>(batch: Batch, work: (logits: Handle) => T): T =>
    scoped(() => work(program.predict(inputOf(batch))));

  return {
    parameters: sizeOf(variables),
    shapes: variables.map(({ shape }) => shape),
    sizes: { weights: sizeOf(weightsOf), state: sizeOf(everything) },
    compute,
    apply({ gradients }, { step, rate, norm: wanted, sparsity }) {
      return scoped(() => {
        const { clip_norm: most } = config;
        const unscale = 1 / lossScale.value();
        const measured = wanted === true || most !== undefined || lossScale.isUsed;
        const norm = measured ? unscale * lengthOf(gradients) : undefined;
        const usable = lossScale.heard(norm);
        if (usable) {
          const shrink = most !== undefined && norm !== undefined && norm > most ? most / norm : 1;
          const scaled = shrink * unscale === 1 ? gradients : scaledBy(gradients, shrink * unscale);
          optimizer.update(scaled, step, rate);
          if (scaled !== gradients) free(...scaled);
        }
        free(...gradients);
        average?.update(step);
        if (sparsity !== undefined) pruner?.choose(sparsity);
        pruner?.hold();
        return { gradientNorm: norm };
      });
    },
    judge: (batch) =>
      judged(() =>
        answers(batch, (logits) => {
          const labels = upload(batch.labels, [batch.count]);
          return figuresOf(sparseCrossEntropy(logits, labels).losses, logits, batch.labels);
        }),
      ),
    answer: (batch) => judged(() => answers(batch, (logits) => download(softmax(logits)))),
    weights: () => (average ? average.values() : readAll(weightsOf)),
    setWeights(values) {
      writeAll(weightsOf, values);
      if (average) writeAll(average.slots, values);
    },
    state: () => readAll(everything),
    setState(values) {
      writeAll(everything, values);
      pruner?.recall();
    },
    common: () => readAll(alike),
    own: () => readAll(counted),
    setOwn: (values) => writeAll(counted, values),
    gradientNorms: ({ gradients }) =>
      scoped(() =>
        gradients.map((gradient, at) => ({ name: variables[at]?.name ?? '', norm: lengthOf([gradient]) })),
      ),
    named: () => weightsOf.map((variable) => ({ name: variable.name, values: variable.values() })),
    store: () => program.store(),
    dispose() {
      pruner?.dispose();
      for (const slot of [...optimizer.slots, ...(average?.slots ?? []), lossScale.state]) slot.dispose();
      program.dispose();
    },
  };
}

/** What the parts of a step say together; the gradients leave the scope that is open. */
function joined(parts: readonly Computed[]): Computed {
  const [first] = parts;
  if (first === undefined) throw new Error('a batch has pictures');
  const gradients =
    parts.length === 1
      ? first.gradients
      : first.gradients.map((_, at) => {
          const terms = parts.flatMap((part) => part.gradients[at] ?? []);
          const total = addAll(terms);
          free(...terms);
          return total;
        });
  return {
    figures: {
      loss: parts.reduce((sum, { figures }) => sum + figures.loss, 0),
      correct: parts.reduce((sum, { figures }) => sum + figures.correct, 0),
    },
    gradients: gradients.map(keep),
  };
}

function figuresOf(losses: Handle, logits: Handle, labels: Int32Array): BatchFigures {
  const [count = 0, classes = 0] = logits.shape;
  const values = download(logits);
  let correct = 0;
  for (let at = 0; at < count; at += 1) {
    let best = 0;
    for (let candidate = 1; candidate < classes; candidate += 1) {
      const [value = NaN, most = NaN] = [values[at * classes + candidate], values[at * classes + best]];
      if (value > most) best = candidate;
    }
    if (best === labels[at]) correct += 1;
  }
  return { loss: download(losses).reduce((sum, loss) => sum + loss, 0), correct };
}

/** The Euclidean length of all gradients taken together. */
function lengthOf(gradients: readonly Handle[]): number {
  const halves = gradients.map((gradient) => {
    const half = halfSquares(gradient);
    const value = downloadScalar(half);
    free(half);
    return value;
  });
  return Math.sqrt(2 * halves.reduce((sum, half) => sum + half, 0));
}

function scaledBy(gradients: readonly Handle[], factor: number): Handle[] {
  const by = scalar(factor);
  const scaled = gradients.map((gradient) => mul(gradient, by));
  free(by);
  return scaled;
}

/** Two whole numbers of 31 bits that follow from a text. */
function keyOf(text: string): [number, number] {
  const random = createRandom(text);
  return [random.int(2 ** 31), random.int(2 ** 31)];
}
