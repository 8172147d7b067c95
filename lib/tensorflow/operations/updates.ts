import { attributes, execute, free, scalar, type Handle } from '../handles';
import type { Variable } from '../variables';
import { mul } from './arithmetic';

/** Optimisers' steps, in place: one operation a variable. */

const unlocked = () => [attributes.type('T', 'float32'), attributes.bool('use_locking', false)];

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
  variable: Variable,
  moments: { readonly first: Variable; readonly second: Variable },
  gradient: Handle,
  { rate, beta1, beta2, epsilon, step }: AdamStep,
): void {
  const power2 = beta2 ** step;
  const numbers = [beta1 ** step, power2, rate, beta1, beta2, epsilon * Math.sqrt(1 - power2)].map(scalar);
  execute(
    'ResourceApplyAdam',
    [...unlocked(), attributes.bool('use_nesterov', false)],
    [variable.resource, moments.first.resource, moments.second.resource, ...numbers, gradient],
    0,
  );
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

/** w ← factor · w. */
export function scaleVariable(variable: Variable, factor: number): void {
  const [value, by] = [variable.read(), scalar(factor)];
  const scaled = mul(value, by);
  free(value, by);
  variable.assign(scaled);
  free(scaled);
}
