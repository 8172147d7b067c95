import { describe, expect, it } from '@jest/globals';
import { runConfigSchema, scheduleSchema } from '../../../contracts/schemas/run';
import type { Operation } from '../../../lib/model/program/operation';
import { batchNorm } from '../../../lib/model/program/operations/batch-norm';
import { convolution } from '../../../lib/model/program/operations/convolution';
import { dense } from '../../../lib/model/program/operations/dense';
import { activation, addition, concatenation } from '../../../lib/model/program/operations/elementwise';
import { zeroPadding } from '../../../lib/model/program/operations/layout';
import {
  averagePooling,
  globalAveragePooling,
  maxPooling,
} from '../../../lib/model/program/operations/pooling';
import { constantParameter, variableParameter, type Parameter } from '../../../lib/model/program/parameter';
import { createNetwork } from '../../../lib/model/networks';
import { tf } from '../../../lib/tensorflow';
import { download, scoped, upload, type Handle } from '../../../lib/tensorflow/handles';
import { activate, activateGrad, biasAdd, biasAddGrad } from '../../../lib/tensorflow/operations/activation';
import { softmax } from '../../../lib/tensorflow/operations/arithmetic';
import { createVariable, type Variable } from '../../../lib/tensorflow/variables';
import { createAveragedWeights } from '../../../lib/training/averaged-weights';
import { createLearner } from '../../../lib/training/learner';
import { createObjective } from '../../../lib/training/objective';
import { createOptimizer } from '../../../lib/training/optimizers';
import { rateAt } from '../../../lib/training/schedule';
import {
  readKerasFixtures,
  tensorOf,
  type KerasOperation,
  type KerasTensor,
} from '../../support/keras-fixtures';

/** Every kernel, loss, optimiser and schedule beside what Keras, TensorFlow and PyTorch computed. */
const fixtures = readKerasFixtures();

/** Networks of ours join along their channels alone. */
const operations = fixtures.operations.filter(
  (of) => of.op !== 'concat' || of.settings.axis === of.output.shape.length - 1,
);

/** The largest difference, as a share of the largest value. */
function apart(found: ArrayLike<number>, { values }: Pick<KerasTensor, 'values'>): number {
  expect(found.length).toBe(values.length);
  let [most, difference] = [1e-12, 0];
  values.forEach((value, at) => {
    most = Math.max(most, Math.abs(value));
    difference = Math.max(difference, Math.abs((found[at] ?? NaN) - value));
  });
  return difference / most;
}

interface Found {
  readonly output: Float32Array;
  readonly gradients: Record<string, Float32Array>;
  readonly after?: Record<string, Float32Array>;
}

const variable = (name: string, { values, shape }: KerasTensor): Parameter =>
  variableParameter(name, values, shape);

/** Forward and back through one of a program's operations; `reads` are the inputs that it reads as tensors. */
function through(operation: Operation, of: KerasOperation, reads: readonly string[], training = true): Found {
  try {
    return scoped(() => {
      const gradients: Record<string, Float32Array> = {};
      const pass = {
        training,
        key: () => [1, 2] as const,
        learn: (learnt: Variable, gradient: Handle) => void (gradients[learnt.name] = download(gradient)),
      };
      const inputs = reads.map((name) => handleOf(tensorOf(of.inputs, name)));
      const { output, backward } = operation.forward(inputs, pass, true);
      const flows = backward?.(
        handleOf(of.factors),
        reads.map(() => true),
      );
      reads.forEach((name, at) => {
        const flow = flows?.[at];
        if (flow) gradients[name] = download(flow);
      });
      const after = Object.fromEntries(operation.statistics.map(({ name, values }) => [name, values()]));
      return { output: download(output), gradients, after };
    });
  } finally {
    operation.dispose();
  }
}

function handleOf({ values, shape }: KerasTensor): Handle {
  return upload(values, shape);
}

const upper = { same: 'SAME', valid: 'VALID' } as const;

function computed(of: KerasOperation): Found {
  const { name, inputs } = of;
  switch (of.op) {
    case 'conv2d':
    case 'depthwise_conv2d': {
      const { strides, padding } = of.settings;
      const operation = convolution({
        name,
        kind: of.op === 'conv2d' ? 'conv2d' : 'depthwise',
        kernel: variable('kernel', tensorOf(inputs, 'kernel')),
        bias: inputs['bias'] && variable('bias', inputs['bias']),
        norm: undefined,
        window: { strides, padding: upper[padding] },
        activation: 'linear',
        pool: undefined,
        type: 'float32',
      });
      return through(operation, of, ['images']);
    }
    case 'bias_activation':
      return scoped(() => {
        const biased = biasAdd(handleOf(tensorOf(inputs, 'value')), handleOf(tensorOf(inputs, 'bias')));
        const output = activate(biased, of.settings.activation);
        const flow = activateGrad(handleOf(of.factors), output, of.settings.activation);
        return {
          output: download(output),
          gradients: { value: download(flow), bias: download(biasAddGrad(flow)) },
        };
      });
    case 'activation':
      return through(activation(name, of.settings.activation), of, ['value']);
    case 'batch_norm': {
      const { training, momentum, epsilon } = of.settings;
      const statistic = (key: string): Parameter => variable(key, tensorOf(inputs, key));
      const operation = batchNorm({
        name,
        gamma: variable('gamma', tensorOf(inputs, 'gamma')),
        beta: variable('beta', tensorOf(inputs, 'beta')),
        mean: statistic('moving_mean'),
        variance: statistic('moving_variance'),
        epsilon,
        momentum,
      });
      return through(operation, of, ['images'], training);
    }
    case 'max_pool':
    case 'average_pool': {
      const { size, strides, padding } = of.settings;
      const pool = of.op === 'max_pool' ? maxPooling : averagePooling;
      return through(pool(name, { size, strides, padding: upper[padding] }), of, ['images']);
    }
    case 'global_average_pool':
      return through(globalAveragePooling(name), of, ['images']);
    case 'dense': {
      const operation = dense({
        name,
        kernel: variable('kernel', tensorOf(inputs, 'kernel')),
        bias: inputs['bias'] && variable('bias', inputs['bias']),
        activation: of.settings.activation,
        type: 'float32',
      });
      return through(operation, of, ['value']);
    }
    case 'add':
      return through(addition(name), of, ['a', 'b']);
    case 'concat':
      return through(concatenation(name), of, ['a', 'b']);
    case 'zero_padding':
      return through(zeroPadding(name, of.settings.padding), of, ['images']);
    case 'softmax':
      return scoped(() => ({
        output: download(softmax(handleOf(tensorOf(inputs, 'logits')))),
        gradients: {},
      }));
  }
}

describe('an operation computes what Keras does, forward and back:', () => {
  it.each(operations.map((of) => [of.name, of] as const))('%s', (_, of) => {
    const found = computed(of);
    expect(apart(found.output, of.output)).toBeLessThan(1e-5);
    // The softmax of an answer is never learnt through; the losses have their own.
    if (of.op === 'softmax') return;
    expect(Object.keys(found.gradients).sort()).toEqual(Object.keys(of.gradients).sort());
    for (const [name, gradient] of Object.entries(of.gradients)) {
      expect(apart(found.gradients[name] ?? [], gradient)).toBeLessThan(2e-5);
    }
    if (of.op !== 'batch_norm' || !of.settings.training) return;
    expect(apart(found.after?.['moving_mean'] ?? [], tensorOf(of.after, 'moving_mean'))).toBeLessThan(1e-5);
    const variance = tensorOf(of.after, 'moving_variance_of_sample');
    expect(apart(found.after?.['moving_variance'] ?? [], variance)).toBeLessThan(1e-5);
  });

  it('a convolution with its batch norm by fixed statistics folded in, as the two one after the other', () => {
    const of = fixtures.operations.find(({ op, inputs }) => op === 'conv2d' && inputs['bias'] === undefined);
    if (of?.op !== 'conv2d') throw new Error('a convolution with no bias');
    const kernel = tensorOf(of.inputs, 'kernel');
    const channels = kernel.shape.at(-1) ?? 0;
    const numbers = (from: number) => Float32Array.from({ length: channels }, (_, at) => from + at * 0.3);
    const window = { strides: of.settings.strides, padding: upper[of.settings.padding] };
    const [gamma, beta, mean, variance] = [0.7, -0.4, 0.2, 1.1].map(numbers);
    if (!gamma || !beta || !mean || !variance) throw new Error('four');
    const shared = {
      name: 'conv',
      kind: 'conv2d',
      window,
      activation: 'linear',
      pool: undefined,
      type: 'float32',
    } as const;
    const parameters = () => ({
      gamma: variableParameter('gamma', gamma, [channels]),
      beta: variableParameter('beta', beta, [channels]),
    });
    const folded = through(
      convolution({
        ...shared,
        kernel: variable('kernel', kernel),
        bias: undefined,
        norm: { ...parameters(), mean, variance, epsilon: 1e-3 },
      }),
      of,
      ['images'],
    );
    const apartly = scoped(() => {
      const first = convolution({
        ...shared,
        kernel: variable('kernel', kernel),
        bias: undefined,
        norm: undefined,
      });
      const second = batchNorm({
        ...parameters(),
        name: 'norm',
        mean: constantParameter('mean', mean, [channels]),
        variance: constantParameter('variance', variance, [channels]),
        epsilon: 1e-3,
        momentum: undefined,
      });
      const gradients: Record<string, Float32Array> = {};
      const pass = {
        training: true,
        key: () => [1, 2] as const,
        learn: (learnt: Variable, gradient: Handle) => void (gradients[learnt.name] = download(gradient)),
      };
      const convolved = first.forward([handleOf(tensorOf(of.inputs, 'images'))], pass, true);
      const normed = second.forward([convolved.output], pass, true);
      const [between] = normed.backward?.(handleOf(of.factors), [true]) ?? [];
      if (!between) throw new Error('a gradient');
      const [images] = convolved.backward?.(between, [true]) ?? [];
      if (images) gradients['images'] = download(images);
      return { output: download(normed.output), gradients };
    });
    expect(apart(folded.output, { values: Float32Array.from(apartly.output) })).toBeLessThan(1e-5);
    expect(Object.keys(folded.gradients).sort()).toEqual(['beta', 'gamma', 'images', 'kernel']);
    for (const [name, gradient] of Object.entries(apartly.gradients)) {
      expect(apart(folded.gradients[name] ?? [], { values: Float32Array.from(gradient) })).toBeLessThan(2e-5);
    }
  });
});

describe('a loss is what Keras computes, with its gradient:', () => {
  it.each(fixtures.losses.filter(({ labels }) => labels).map((of) => [of.name, of] as const))(
    '%s',
    (_, of) => {
      const labels = Int32Array.from(of.labels?.values ?? []);
      const classes = of.logits.shape[1] ?? 0;
      const objective = createObjective({ classes, smoothing: of.smoothing, weights: undefined });
      // Weights a picture come of mixing and of classes; here they are given.
      const targets = { ...objective.targets(labels, undefined), weights: of.sample_weights?.values };
      const found = scoped(() => {
        const options = { from: 0, of: labels.length, scale: 1 };
        const { losses, gradient } = objective.entropy(handleOf(of.logits), targets, options);
        return { losses: download(losses), gradient: download(gradient) };
      });
      expect(apart(found.losses, of.losses)).toBeLessThan(1e-5);
      expect(apart(found.gradient, of.gradient)).toBeLessThan(1e-5);
    },
  );
});

describe('an optimiser follows PyTorch through five steps:', () => {
  it.each(fixtures.optimizers.map((of) => [of.name, of] as const))('%s', (_, { settings, ...of }) => {
    const names = Object.keys(of.initial);
    const variables = names.map((name) => {
      const { values, shape } = tensorOf(of.initial, name);
      return createVariable(name, values, shape);
    });
    const optimizer = createOptimizer(
      runConfigSchema.parse({
        optimizer: settings.name,
        ...(settings.name === 'sgd' && { momentum: settings.momentum }),
        ...(settings.name === 'adamw' && { weight_decay: settings.weight_decay }),
      }),
      variables,
    );
    of.gradients.forEach((gradients, at) => {
      scoped(() => {
        const handles = names.map((name) => handleOf(tensorOf(gradients, name)));
        optimizer.update(handles, at + 1, settings.lr);
      });
      variables.forEach((each) => {
        expect(apart(each.values(), tensorOf(of.values[at] ?? {}, each.name))).toBeLessThan(5e-6);
      });
    });
    for (const each of [...variables, ...optimizer.slots]) each.dispose();
  });
});

describe('averaged weights follow TensorFlow:', () => {
  it.each(fixtures.averages.filter(({ settings }) => settings.warm).map((of) => [of.name, of] as const))(
    '%s',
    (_, of) => {
      const weights = createVariable('weights', of.initial.values, of.initial.shape);
      const average = createAveragedWeights([weights], of.settings.decay);
      of.values.forEach(({ values }, at) => {
        weights.set(values);
        scoped(() => average.update(at + 1));
        expect(apart(average.values(), of.averages[at] ?? of.initial)).toBeLessThan(1e-5);
      });
      for (const each of [weights, ...average.slots]) each.dispose();
    },
  );
});

describe('a schedule follows PyTorch:', () => {
  it.each(fixtures.schedules.map((of) => [of.name, of] as const))('%s', (_, { settings, steps, rates }) => {
    const { lr, ...rest } = settings;
    const asked =
      rest.name === 'step' ? { name: 'step', every: rest.every_steps, factor: rest.factor } : rest;
    const schedule = scheduleSchema.parse(asked);
    rates.forEach((rate, at) => {
      const found = rateAt(schedule, lr, { step: at + 1, stepsPerEpoch: 1, steps });
      expect(Math.abs(found - rate) / lr).toBeLessThan(1e-9);
    });
  });
});

describe('a whole training of five steps follows Keras and PyTorch:', () => {
  it.each(fixtures.networks.map((of) => [of.name, of] as const))('%s', (_, of) => {
    const { settings } = of;
    const [, height = 0, width = 0, channels = 0] = of.batches[0]?.images.shape ?? [];
    const network =
      of.name === 'cnn'
        ? { name: 'cnn', filters: of.settings.filters, kernel: of.settings.kernel, dense: of.settings.dense }
        : { name: 'resnet', filters: of.settings.filters, blocks: of.settings.blocks };
    const { weight_decay, classes } = settings;
    const config = runConfigSchema.parse({ network, optimizer: 'adamw', weight_decay });
    const { mean, std } = settings.normalisation;
    const repeat = (value: number) => Array<number>(channels).fill(value);
    const normalisation = { mean: repeat(mean), std: repeat(std) };
    const model = createNetwork(config.network, { height, width, channels, classes }, normalisation, 1);
    for (const layer of model.layers) {
      const own = layer.weights.map((weight) => {
        return of.initial[`${layer.name}/${weight.originalName.split('/').at(-1) ?? ''}`];
      });
      if (own.length === 0 || own.includes(undefined)) continue;
      tf.tidy(() =>
        layer.setWeights(own.flatMap((each) => (each ? [tf.tensor(each.values, each.shape)] : []))),
      );
    }
    const objective = createObjective({ classes, smoothing: 0, weights: undefined });
    const learner = createLearner({ model, config, objective, statistics: 'batch' });
    of.batches.forEach(({ images, labels }, at) => {
      const batch = {
        count: labels.values.length,
        shape: [height, width, channels],
        images: Uint8Array.from(images.values),
        labels: Int32Array.from(labels.values),
      };
      const computedNow = learner.compute(batch, at + 1);
      expect(computedNow.figures.loss / batch.count).toBeCloseTo(of.losses[at] ?? NaN, 3);
      learner.apply(computedNow, { step: at + 1, rate: settings.lr });
    });
    const found = new Map(learner.named().map(({ name, values }) => [name, values]));
    for (const name of Object.keys(of.final)) {
      const expected = of.moving_variance_of_sample[name] ?? tensorOf(of.final, name);
      const difference = apart(found.get(name) ?? [], expected);
      expect({ name, near: difference < 5e-3, difference }).toMatchObject({ near: true });
    }
    learner.dispose();
    model.dispose();
  });
});
