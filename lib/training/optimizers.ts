import type { RunConfig } from '../../contracts/schemas/run';
import { tf } from '../tensorflow';

/**
 * Changes variables by their gradients. All that it remembers is in `slots`, so that a training that is
 * resumed goes on exactly as it would have.
 */
export interface Optimizer {
  readonly slots: readonly tf.Variable[];
  /** @param step - From 1. @param gradients - One for each variable, in their order; not disposed. */
  update(gradients: readonly tf.Tensor[], step: number): void;
}

export function createOptimizer(config: RunConfig, variables: readonly tf.Variable[]): Optimizer {
  switch (config.optimizer) {
    case 'adam':
      return createAdam(variables, config.lr, 0);
    case 'adamw':
      return createAdam(variables, config.lr, config.weight_decay);
    case 'sgd':
      return createMomentum(variables, config.lr, config.momentum);
  }
}

/**
 * Adam (Kingma and Ba, 2015) with decoupled weight decay (Loshchilov and Hutter, 2019), with PyTorch's
 * constants and, as there, the decay on every variable.
 */
function createAdam(variables: readonly tf.Variable[], rate: number, decay: number): Optimizer {
  const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-8];
  const means = variables.map(zeros);
  const squares = variables.map(zeros);
  return {
    slots: [...means, ...squares],
    update(gradients, step) {
      // The corrections of both means, taken out of the tensors and into two numbers.
      const correction = Math.sqrt(1 - beta2 ** step);
      const stepSize = (rate * correction) / (1 - beta1 ** step);
      variables.forEach((variable, index) => {
        const [gradient, mean, square] = [gradients[index], means[index], squares[index]];
        if (!gradient || !mean || !square) throw new Error('one gradient for each variable');
        assign(mean, () => mean.add(gradient.sub(mean).mul(1 - beta1)));
        assign(square, () =>
          square.add(
            gradient
              .square()
              .sub(square)
              .mul(1 - beta2),
          ),
        );
        assign(variable, () => {
          const change = mean.div(square.sqrt().add(epsilon * correction)).mul(stepSize);
          return (decay === 0 ? variable : variable.mul(1 - rate * decay)).sub(change);
        });
      });
    },
  };
}

/** Stochastic gradient descent with momentum, as PyTorch has it: v ← μv + g, w ← w − ηv. */
function createMomentum(variables: readonly tf.Variable[], rate: number, momentum: number): Optimizer {
  const velocities = variables.map(zeros);
  return {
    slots: velocities,
    update(gradients) {
      variables.forEach((variable, index) => {
        const [gradient, velocity] = [gradients[index], velocities[index]];
        if (!gradient || !velocity) throw new Error('one gradient for each variable');
        assign(velocity, () => velocity.mul(momentum).add(gradient));
        assign(variable, () => variable.sub(velocity.mul(rate)));
      });
    },
  };
}

/** Intermediates are disposed at once, so that the next ones find their memory still in the cache. */
function assign(variable: tf.Variable, value: () => tf.Tensor): void {
  tf.tidy(() => variable.assign(value()));
}

function zeros(variable: tf.Variable): tf.Variable {
  return tf.tidy(() => tf.variable(tf.zeros(variable.shape), false));
}
