import type { RunConfig } from '../../contracts/schemas/run';
import { createNetwork } from '../model/networks';
import type { NetworkShape, Normalisation } from '../model/shape';
import { sparseSoftmaxCrossEntropy, tf } from '../tensorflow';
import type { Batch } from './batches';
import { createOptimizer } from './optimizers';

/** Of one batch. */
export interface BatchFigures {
  /** Added up over the batch. */
  readonly loss: number;
  /** Right answers. */
  readonly correct: number;
}

/** A network with its optimiser: everything of a training that changes as it goes. */
export interface Learner {
  readonly model: tf.LayersModel;
  /** Trainable numbers. */
  readonly parameters: number;
  /**
   * Learns from one batch.
   * @param step - From 1, over the whole run; the dropout of each step follows from it and the seed.
   */
  learn(batch: Batch, step: number): BatchFigures;
  /** Answers a batch, with no dropout, and learns nothing. */
  judge(batch: Batch): BatchFigures;
  /** The trainable weights, in the model's order. */
  weights(): Float32Array;
  setWeights(values: Float32Array): void;
  /** The trainable weights, then the optimiser's slots. */
  state(): Float32Array;
  /** @returns how many numbers of `values` a state takes. */
  setState(values: Float32Array): number;
  dispose(): void;
}

export function createLearner(config: RunConfig, shape: NetworkShape, normalisation: Normalisation): Learner {
  const model = createNetwork(config.network, shape, normalisation, config.seed);
  const variables = model.trainableWeights.map((weight) => {
    const value = weight.read();
    if (!(value instanceof tf.Variable)) throw new Error(`${weight.name} should be a variable`);
    return value;
  });
  const optimizer = createOptimizer(config, variables);
  const everything = [...variables, ...optimizer.slots];

  const forward = (images: tf.Tensor4D, dropout?: { readonly step: number }): tf.Tensor2D => {
    let value: tf.Tensor = images;
    for (const layer of model.layers) {
      if (layer.getClassName() === 'Dropout') {
        // The layer's own would draw the same mask in every step, or one that no seed gives.
        if (dropout) {
          const seed = `${config.seed}/${layer.name}/${dropout.step}`;
          value = tf.dropout(value, config.network.dropout, undefined, seed);
        }
      } else {
        const next = layer.apply(value);
        if (!(next instanceof tf.Tensor)) throw new Error(`${layer.name} should answer one tensor`);
        value = next;
      }
    }
    return value.as2D(images.shape[0], shape.classes);
  };

  const upload = ({ count, images, labels }: Batch): [tf.Tensor4D, tf.Tensor1D] => [
    tf.tensor4d(images, [count, shape.height, shape.width, shape.channels]),
    tf.tensor1d(labels, 'int32'),
  ];

  const figures = (losses: tf.Tensor1D, logits: tf.Tensor2D, labels: tf.Tensor1D): BatchFigures => ({
    loss: scalar(losses.sum()),
    correct: scalar(logits.argMax(1).equal(labels).sum()),
  });

  return {
    model,
    parameters: count(variables),
    learn: (batch, step) =>
      tidied(() => {
        const [images, labels] = upload(batch);
        let answered: BatchFigures = { loss: NaN, correct: 0 };
        const { grads } = tf.variableGrads(() => {
          const logits = forward(images, { step });
          const losses = sparseSoftmaxCrossEntropy(logits, labels);
          answered = figures(losses, logits, labels);
          return losses.mean().asScalar();
        }, variables);
        optimizer.update(
          variables.map(({ name }) => grads[name] ?? tf.scalar(NaN)),
          step,
        );
        return answered;
      }),
    judge: (batch) =>
      tidied(() => {
        const [images, labels] = upload(batch);
        const logits = forward(images);
        return figures(sparseSoftmaxCrossEntropy(logits, labels), logits, labels);
      }),
    weights: () => read(variables),
    setWeights(values) {
      write(variables, values);
    },
    state: () => read(everything),
    setState: (values) => write(everything, values),
    dispose() {
      tf.dispose([...optimizer.slots]);
      model.dispose();
    },
  };
}

/** What `work` answers, with every tensor that it made disposed. */
function tidied<T>(work: () => T): T {
  const answers: T[] = [];
  tf.tidy(() => {
    answers.push(work());
  });
  const [answer] = answers;
  if (answer === undefined) throw new Error('the work answered nothing');
  return answer;
}

function scalar(tensor: tf.Tensor): number {
  return tensor.dataSync()[0] ?? NaN;
}

function count(variables: readonly tf.Variable[]): number {
  return variables.reduce((sum, { size }) => sum + size, 0);
}

function read(variables: readonly tf.Variable[]): Float32Array {
  const values = new Float32Array(count(variables));
  let at = 0;
  for (const variable of variables) {
    values.set(variable.dataSync<'float32'>(), at);
    at += variable.size;
  }
  return values;
}

function write(variables: readonly tf.Variable[], values: Float32Array): number {
  let at = 0;
  for (const variable of variables) {
    // A copy, because tfjs keeps what it is given until it is first used.
    const part = values.slice(at, at + variable.size);
    tf.tidy(() => variable.assign(tf.tensor(part, variable.shape)));
    at += variable.size;
  }
  return at;
}
