import { describe, expect, it } from '@jest/globals';
import { runConfigSchema } from '../../../contracts/schemas/run';
import { scoped, upload } from '../../../lib/tensorflow/handles';
import { createVariable } from '../../../lib/tensorflow/variables';
import { createOptimizer } from '../../../lib/training/optimizers';

/**
 * Two parameters through three steps of torch.optim (PyTorch's documented algorithms, worked in double
 * precision below), so that a configuration means here what its users know.
 */
const gradients = [
  [0.5, -2],
  [0.1, 1],
  [-0.3, 0.25],
];
const start = [1, -3];

function ours(settings: object): number[] {
  const variable = createVariable('weights', Float32Array.from(start), [start.length]);
  const optimizer = createOptimizer(runConfigSchema.parse({ lr: 0.1, ...settings }), [variable]);
  gradients.forEach((gradient, at) =>
    scoped(() => optimizer.update([upload(Float32Array.from(gradient), [start.length])], at + 1, 0.1)),
  );
  const values = Array.from(variable.values());
  for (const each of [variable, ...optimizer.slots]) each.dispose();
  return values;
}

function adam(decay: number): number[] {
  return start.map((value, parameter) => {
    let [weight, mean, square] = [value, 0, 0];
    gradients.forEach((gradient, at) => {
      const slope = gradient[parameter] ?? NaN;
      weight -= 0.1 * decay * weight;
      mean = 0.9 * mean + 0.1 * slope;
      square = 0.999 * square + 0.001 * slope ** 2;
      const [corrected, spread] = [mean / (1 - 0.9 ** (at + 1)), square / (1 - 0.999 ** (at + 1))];
      weight -= (0.1 * corrected) / (Math.sqrt(spread) + 1e-8);
    });
    return weight;
  });
}

function close(found: number[], expected: number[]): void {
  found.forEach((value, at) => expect(value).toBeCloseTo(expected[at] ?? NaN, 5));
}

describe('an optimiser', () => {
  it('adam follows its definition, and ignores weight_decay', () => {
    close(ours({ optimizer: 'adam', weight_decay: 0.3 }), adam(0));
  });

  it('adamw decays the weights apart from the gradients', () => {
    close(ours({ optimizer: 'adamw', weight_decay: 0.3 }), adam(0.3));
  });

  it('sgd keeps its momentum', () => {
    const expected = start.map((value, parameter) => {
      let [weight, velocity] = [value, 0];
      for (const gradient of gradients) {
        velocity = 0.9 * velocity + (gradient[parameter] ?? NaN);
        weight -= 0.1 * velocity;
      }
      return weight;
    });
    close(ours({ optimizer: 'sgd', momentum: 0.9 }), expected);
  });
});
