import { afterEach, describe, expect, it } from '@jest/globals';
import { createProgram, type Program } from '../../../lib/model/program/program';
import { createRandom } from '../../../lib/random';
import { tf } from '../../../lib/tensorflow';
import { download, liveTensors, scoped, upload } from '../../../lib/tensorflow/handles';

/**
 * What a program answers and learns, beside tfjs's own layers and tape: the same mathematics by other code and, in
 * part, other kernels.
 */

const count = 3;

function numbers(label: string, length: number, spread = 1): Float32Array {
  const random = createRandom(7).fork(label);
  return Float32Array.from({ length }, () => random.normal() * spread);
}

/** Gives every weight a value that no symmetry hides, variances above 0. */
function scramble(model: tf.LayersModel): void {
  for (const [index, layer] of model.layers.entries()) {
    const weights = layer.weights.map((weight, at) => {
      const size = weight.shape.reduce<number>((product, length) => product * (length ?? 1), 1);
      const values = numbers(`${index}/${at}`, size, 0.4);
      const positive = weight.originalName.includes('variance') || weight.originalName.includes('gamma');
      return tf.tensor(
        positive ? values.map((value) => 0.5 + Math.abs(value)) : values,
        weight.shape.map(Number),
      );
    });
    if (weights.length > 0) layer.setWeights(weights);
    tf.dispose(weights);
  }
}

type Layers = typeof tf.layers;

function modelOf(
  [height, width, channels]: readonly [number, number, number],
  build: (input: tf.SymbolicTensor, layers: Layers) => tf.SymbolicTensor,
): tf.LayersModel {
  const input = tf.input({ shape: [height, width, channels], name: 'pixels' });
  const model = tf.model({ inputs: input, outputs: build(input, tf.layers) });
  scramble(model);
  return model;
}

const symbolic = (value: tf.SymbolicTensor | tf.SymbolicTensor[]): tf.SymbolicTensor => {
  if (Array.isArray(value)) throw new Error('one output');
  return value;
};
const through = (layer: tf.layers.Layer, ...inputs: tf.SymbolicTensor[]): tf.SymbolicTensor => {
  const [only] = inputs;
  return symbolic(
    layer.apply(inputs.length === 1 && only ? only : inputs) as tf.SymbolicTensor | tf.SymbolicTensor[],
  );
};

const models: Record<string, () => tf.LayersModel> = {
  'convolution, bias, ReLU and pooling in one, twice, then dense layers': () =>
    modelOf([12, 10, 3], (input, layers) => {
      let value = input;
      for (const filters of [4, 6]) {
        value = through(
          layers.conv2d({ filters, kernelSize: 3, padding: 'same', activation: 'relu' }),
          value,
        );
        value = through(layers.maxPooling2d({ poolSize: 2 }), value);
      }
      value = through(layers.dense({ units: 7, activation: 'relu' }), through(layers.flatten(), value));
      return through(layers.dense({ units: 4 }), value);
    }),
  'odd sizes, strides, valid padding, overlapping pools and no bias': () =>
    modelOf([13, 11, 2], (input, layers) => {
      let value = through(
        layers.conv2d({ filters: 5, kernelSize: 5, strides: 2, padding: 'same', useBias: false }),
        input,
      );
      value = through(layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }), value);
      value = through(layers.conv2d({ filters: 4, kernelSize: [2, 3], padding: 'valid' }), value);
      value = through(layers.averagePooling2d({ poolSize: 2, strides: 1, padding: 'same' }), value);
      return through(layers.dense({ units: 3 }), through(layers.flatten(), value));
    }),
  'a residual block with batch norm, whose skip has a projection': () =>
    modelOf([8, 8, 3], (input, layers) => {
      const normed = (value: tf.SymbolicTensor, filters: number, strides: number, kernelSize: number) =>
        through(
          layers.batchNormalization({ momentum: 0.9, epsilon: 1e-3 }),
          through(layers.conv2d({ filters, kernelSize, strides, padding: 'same', useBias: false }), value),
        );
      const one = through(layers.activation({ activation: 'relu' }), normed(input, 6, 2, 3));
      const two = normed(one, 6, 1, 3);
      const value = through(layers.reLU({}), through(layers.add(), two, normed(input, 6, 2, 1)));
      return through(layers.dense({ units: 4 }), through(layers.globalAveragePooling2d({}), value));
    }),
  'an inverted residual of MobileNet: depthwise, ReLU6, zero padding, concatenation': () =>
    modelOf([9, 9, 4], (input, layers) => {
      let value = through(layers.conv2d({ filters: 8, kernelSize: 1, useBias: false }), input);
      value = through(layers.reLU({ maxValue: 6 }), through(layers.batchNormalization({}), value));
      value = through(
        layers.zeroPadding2d({
          padding: [
            [0, 1],
            [1, 0],
          ],
        }),
        value,
      );
      value = through(
        layers.depthwiseConv2d({ kernelSize: 3, strides: 2, padding: 'valid', useBias: false }),
        value,
      );
      value = through(layers.reLU({ maxValue: 6 }), through(layers.batchNormalization({}), value));
      value = through(
        layers.batchNormalization({}),
        through(layers.conv2d({ filters: 4, kernelSize: 1, useBias: false }), value),
      );
      const again = through(
        layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', depthMultiplier: 2 }),
        value,
      );
      const joined = through(layers.concatenate(), value, again);
      return through(layers.dense({ units: 3 }), through(layers.globalAveragePooling2d({}), joined));
    }),
};

interface Found {
  readonly output: Float32Array;
  readonly gradients: Map<string, Float32Array>;
}

/** The gradient of Σ output · factors, by the program. */
function byProgram(program: Program, input: Float32Array, shape: readonly number[]): Found {
  return scoped(() => {
    const trace = program.trace(upload(input, shape), () => [1, 2]);
    const factors = numbers(
      'factors',
      trace.output.shape.reduce((a, b) => a * b, 1),
    );
    const output = download(trace.output);
    const gradients = trace.backward(upload(factors, trace.output.shape));
    return {
      output,
      gradients: new Map(
        gradients.map((gradient, at) => [program.variables[at]?.name ?? '', download(gradient)]),
      ),
    };
  });
}

/** The same by tfjs's layers and tape. */
function byTape(
  model: tf.LayersModel,
  input: Float32Array,
  shape: readonly number[],
  training: boolean,
): Found {
  let found: Found = { output: new Float32Array(0), gradients: new Map() };
  tf.tidy(() => {
    const images = tf.tensor(input, [...shape]);
    const names = new Map<string, string>();
    const variables: tf.Variable[] = [];
    for (const layer of model.layers) {
      for (const weight of layer.trainableWeights) {
        const value = weight.read();
        if (!(value instanceof tf.Variable)) throw new Error('a weight is a variable');
        names.set(value.name, `${layer.name}/${weight.originalName.split('/').at(-1) ?? ''}`);
        variables.push(value);
      }
    }
    let output: Float32Array = new Float32Array(0);
    const { grads } = tf.variableGrads(() => {
      const answer = model.apply(images, { training });
      if (!(answer instanceof tf.Tensor)) throw new Error('one output');
      output = Float32Array.from(answer.dataSync());
      return answer
        .mul(tf.tensor(numbers('factors', answer.size), answer.shape))
        .sum()
        .asScalar();
    }, variables);
    found = {
      output,
      gradients: new Map(
        Object.entries(grads).map(([name, gradient]) => [
          names.get(name) ?? name,
          Float32Array.from(gradient.dataSync()),
        ]),
      ),
    };
  });
  return found;
}

/** The largest difference, relative to the largest value. */
function apart(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  let [most, difference] = [1e-12, 0];
  for (let at = 0; at < a.length; at += 1) {
    const [x = NaN, y = NaN] = [a[at], b[at]];
    most = Math.max(most, Math.abs(y));
    difference = Math.max(difference, Math.abs(x - y));
  }
  return difference / most;
}

/** The Euclidean length of the difference, as a share: a few units that a half type switches on or off count little. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [off, all] = [0, 1e-12];
  for (let at = 0; at < a.length; at += 1) {
    const [x = NaN, y = NaN] = [a[at], b[at]];
    off += (x - y) ** 2;
    all += y ** 2;
  }
  return Math.sqrt(off / all);
}

function expectAlike(found: Found, expected: Found, tolerance: number): void {
  expect(apart(found.output, expected.output)).toBeLessThanOrEqual(tolerance);
  expect([...found.gradients.keys()].sort()).toEqual([...expected.gradients.keys()].sort());
  for (const [name, gradient] of found.gradients) {
    const difference = apart(gradient, expected.gradients.get(name) ?? []);
    expect({ name, alike: difference <= tolerance, difference }).toMatchObject({ alike: true });
  }
}

let programs: Program[] = [];

function programOf(
  model: tf.LayersModel,
  options: Partial<Parameters<typeof createProgram>[1]> = {},
): Program {
  const program = createProgram(model, { type: 'float32', statistics: 'batch', ...options });
  programs.push(program);
  return program;
}

afterEach(() => {
  for (const program of programs) program.dispose();
  programs = [];
});

describe.each(Object.entries(models))('a program of %s', (_, make) => {
  const inputOf = (model: tf.LayersModel): [Float32Array, number[]] => {
    const shape = [count, ...(model.inputs[0]?.shape.slice(1).map(Number) ?? [])];
    return [
      numbers(
        'input',
        shape.reduce((a, b) => a * b, 1),
      ),
      shape,
    ];
  };

  it('answers and learns as tfjs does in training', () => {
    const model = make();
    const [input, shape] = inputOf(model);
    expectAlike(byProgram(programOf(model), input, shape), byTape(model, input, shape, true), 2e-5);
  });

  it('answers and learns by the moving statistics as tfjs does, folded or not', () => {
    const model = make();
    const [input, shape] = inputOf(model);
    const program = programOf(model, { statistics: 'moving' });
    expectAlike(byProgram(program, input, shape), byTape(model, input, shape, false), 2e-5);
    expect(program.statistics).toEqual([]);
  });

  it('answers as the model does where nothing is learnt', () => {
    const model = make();
    const [input, shape] = inputOf(model);
    const answer = scoped(() => download(programOf(model).predict(upload(input, shape))));
    const expected = tf.tidy(() => {
      const value = model.predictOnBatch(tf.tensor(input, shape));
      if (Array.isArray(value)) throw new Error('one output');
      return Float32Array.from(value.dataSync());
    });
    expect(apart(answer, expected)).toBeLessThanOrEqual(2e-5);
  });

  it.each([
    ['bfloat16', 0.2],
    ['float16', 0.02],
  ] as const)('in %s is near', (type, tolerance) => {
    const model = make();
    const [input, shape] = inputOf(model);
    const low = byProgram(programOf(model, { type }), input, shape);
    const full = byProgram(programOf(model), input, shape);
    expect(distance(low.output, full.output)).toBeGreaterThan(0);
    expect(distance(low.output, full.output)).toBeLessThan(tolerance);
    const all = ({ gradients }: Found): number[] => [...gradients.values()].flatMap((values) => [...values]);
    expect(distance(all(low), all(full))).toBeLessThan(tolerance);
  });

  it('learns nothing below a layer that is fixed, and the same above it', () => {
    const model = make();
    const [input, shape] = inputOf(model);
    const whole = byTape(model, input, shape, false);
    const [first] = model.layers.filter(({ weights }) => weights.length > 0);
    if (first) first.trainable = false;
    const found = byProgram(programOf(model, { statistics: 'moving' }), input, shape);
    expect([...found.gradients.keys()].some((name) => name.startsWith(`${first?.name ?? ''}/`))).toBe(false);
    const expected = [...whole.gradients].filter(([name]) => !name.startsWith(`${first?.name ?? ''}/`));
    expectAlike(found, { ...whole, gradients: new Map(expected) }, 2e-5);
  });

  it('keeps no tensor from one pass to the next, and none once it is disposed', () => {
    const model = make();
    const [input, shape] = inputOf(model);
    const before = liveTensors();
    const program = createProgram(model, { type: 'bfloat16', statistics: 'batch' });
    const alive: number[] = [];
    for (let pass = 0; pass < 3; pass += 1) {
      byProgram(program, input, shape);
      scoped(() => program.predict(upload(input, shape)));
      alive.push(liveTensors());
    }
    expect(new Set(alive).size).toBe(1);
    program.dispose();
    expect(liveTensors()).toBe(before);
  });
});

describe('batch norm', () => {
  it('counts its moving statistics as PyTorch does, and brings them into the model', () => {
    const model = modelOf([2, 2, 2], (input, layers) =>
      through(layers.batchNormalization({ momentum: 0.9, name: 'norm' }), input),
    );
    const before = model
      .getLayer('norm')
      .getWeights()
      .map((weight) => Array.from(weight.dataSync()));
    const program = programOf(model);
    const input = numbers('input', count * 8);
    byProgram(program, input, [count, 2, 2, 2]);
    program.store();
    const after = model
      .getLayer('norm')
      .getWeights()
      .map((weight) => Array.from(weight.dataSync()));
    for (const channel of [0, 1]) {
      const values = [...input].filter((_, at) => at % 2 === channel);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
      expect(after[2]?.[channel]).toBeCloseTo(0.9 * (before[2]?.[channel] ?? NaN) + 0.1 * mean, 5);
      expect(after[3]?.[channel]).toBeCloseTo(0.9 * (before[3]?.[channel] ?? NaN) + 0.1 * variance, 5);
    }
  });
});

describe('dropout', () => {
  const model = () =>
    modelOf([1, 1, 400], (input, layers) =>
      through(layers.dropout({ rate: 0.3 }), through(layers.flatten(), input)),
    );
  const answer = (program: Program, key: readonly [number, number]): Float32Array =>
    scoped(() =>
      download(program.trace(upload(new Float32Array(400).fill(1), [1, 1, 1, 400]), () => key).output),
    );

  it('leaves out its share, makes the rest larger, and follows from its key alone', () => {
    const program = programOf(model());
    const values = answer(program, [3, 4]);
    expect(new Set(values)).toEqual(new Set([0, Math.fround(1 / 0.7)]));
    const left = values.filter((value) => value === 0).length / 400;
    expect(left).toBeGreaterThan(0.2);
    expect(left).toBeLessThan(0.4);
    expect(answer(program, [3, 4])).toEqual(values);
    expect(answer(program, [3, 5])).not.toEqual(values);
  });
});

it('a layer with no native operation is refused by name', () => {
  const model = modelOf([4, 4, 1], (input, layers) =>
    through(layers.upSampling2d({ name: 'enlarge' }), input),
  );
  expect(() => programOf(model)).toThrow(/enlarge \(UpSampling2D\) has no native operation/);
});
