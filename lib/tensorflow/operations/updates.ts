import { attributes, execute, free, scalar, type Handle } from '../handles';
import type { Variable } from '../variables';
import { mul } from './arithmetic';

/** Optimisers' steps, in place: one operation a variable, with numbers that all share. */

const unlocked = () => [attributes.type('T', 'float32'), attributes.bool('use_locking', false)];

/** A variable with what Adam remembers of it. */
export interface AdamTarget {
  readonly variable: Variable;
  readonly first: Variable;
  readonly second: Variable;
  readonly gradient: Handle;
}

export interface AdamStep {
  readonly rate: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  /** From 1. */
  readonly step: number;
}

/**
 * Adam (Kingma and Ba, 2015). TensorFlow's operation adds epsilon before the correction of the second moment; it is given
 * here such that it counts after, as in the paper's algorithm 1 and in PyTorch.
 */
export function applyAdam(
  targets: readonly AdamTarget[],
  { rate, beta1, beta2, epsilon, step }: AdamStep,
): void {
  const power2 = beta2 ** step;
  const numbers = [beta1 ** step, power2, rate, beta1, beta2, epsilon * Math.sqrt(1 - power2)].map(scalar);
  const attributesOf = [...unlocked(), attributes.bool('use_nesterov', false)];
  for (const { variable, first, second, gradient } of targets) {
    const inputs = [variable.resource, first.resource, second.resource, ...numbers, gradient];
    execute('ResourceApplyAdam', attributesOf, inputs, 0);
  }
  free(...numbers);
}

/** v ← μv + g, w ← w − ηv. */
export function applyMomentum(
  variable: Variable,
  velocity: Variable,
  gradient: Handle,
  { rate, momentum }: { readonly rate: number; readonly momentum: number },
): void {
  const [eta, mu] = [scalar(rate), scalar(momentum)];
  execute(
    'ResourceApplyMomentum',
    [...unlocked(), attributes.bool('use_nesterov', false)],
    [variable.resource, velocity.resource, eta, gradient, mu],
    0,
  );
  free(eta, mu);
}

/** w ← factor · w, of each. */
export function scaleVariables(variables: readonly Variable[], factor: number): void {
  const by = scalar(factor);
  for (const variable of variables) {
    const value = variable.read();
    const scaled = mul(value, by);
    free(value);
    variable.assign(scaled);
    free(scaled);
  }
  free(by);
}
