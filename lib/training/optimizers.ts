import type { RunConfig } from '../../contracts/schemas/run';
import type { Handle } from '../tensorflow/handles';
import { applyAdam, applyMomentum, scaleVariables } from '../tensorflow/operations/updates';
import { createVariable, type Variable } from '../tensorflow/variables';

/**
 * Changes variables by their gradients. All that it remembers is in `slots`, so that a training that is
 * resumed goes on exactly as it would have.
 */
export interface Optimizer {
  readonly slots: readonly Variable[];
  /**
   * @param gradients - One for each variable, in their order; not freed.
   * @param step - From 1, of the steps that were taken.
   */
  update(gradients: readonly Handle[], step: number, rate: number): void;
}

type Settings = Pick<RunConfig, 'optimizer' | 'weight_decay' | 'momentum'>;

export function createOptimizer(settings: Settings, variables: readonly Variable[]): Optimizer {
  switch (settings.optimizer) {
    case 'adam':
      return createAdam(variables, 0);
    case 'adamw':
      return createAdam(variables, settings.weight_decay);
    case 'sgd':
      return createMomentum(variables, settings.momentum);
  }
}

/**
 * Adam (Kingma and Ba, 2015) with decoupled weight decay (Loshchilov and Hutter, 2019), with PyTorch's
 * constants and, as there, the decay on every variable.
 */
function createAdam(variables: readonly Variable[], decay: number): Optimizer {
  const slots = variables.map((variable) => ({
    first: zeros(variable, 'first_moment'),
    second: zeros(variable, 'second_moment'),
  }));
  return {
    slots: [...slots.map(({ first }) => first), ...slots.map(({ second }) => second)],
    update(gradients, step, rate) {
      const targets = variables.map((variable, at) => {
        const [gradient, moments] = [gradients[at], slots[at]];
        if (!gradient || !moments) throw new Error('one gradient for each variable');
        return { variable, ...moments, gradient };
      });
      if (decay > 0) scaleVariables(variables, 1 - rate * decay);
      applyAdam(targets, { rate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, step });
    },
  };
}

/** Stochastic gradient descent with momentum, as PyTorch has it: v ← μv + g, w ← w − ηv. */
function createMomentum(variables: readonly Variable[], momentum: number): Optimizer {
  const velocities = variables.map((variable) => zeros(variable, 'velocity'));
  return {
    slots: velocities,
    update(gradients, _step, rate) {
      variables.forEach((variable, at) => {
        const [gradient, velocity] = [gradients[at], velocities[at]];
        if (!gradient || !velocity) throw new Error('one gradient for each variable');
        applyMomentum(variable, velocity, gradient, { rate, momentum });
      });
    },
  };
}

function zeros({ name, size, shape }: Variable, slot: string): Variable {
  return createVariable(`${name}/${slot}`, new Float32Array(size), shape);
}
