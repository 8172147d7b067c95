import type { Pruning } from '../../contracts/schemas/run';
import { free, keep, upload, type Handle } from '../tensorflow/handles';
import type { tf } from '../tensorflow';
import { mul } from '../tensorflow/operations/arithmetic';
import type { Variable } from '../tensorflow/variables';
import type { SchedulePlace } from './schedule';

/** Smaller ones, and all that are no kernels, stay whole: they weigh nothing. */
const leastNumbers = 1024;

/** How often weights are chosen anew. */
const timesAnEpoch = 4;

/** Steps of a part of a run before the first weight goes, and those by which all have gone that are to. */
function span({ start, end }: Pruning, { steps }: Pick<SchedulePlace, 'steps'>) {
  const [first, last] = [Math.floor(start * steps), Math.ceil(end * steps)];
  return { first, last: Math.max(last, first + 1) };
}

/**
 * The share of each kernel's weights that is to be 0 after a step; undefined where nothing is chosen then. It rises as the cube of
 * what is left falls (Zhu and Gupta, "To prune, or not to prune", 2017, equation 1).
 */
export function sparsityAfter(rule: Pruning, place: SchedulePlace): number | undefined {
  const { first, last } = span(rule, place);
  const { step, stepsPerEpoch } = place;
  const every = Math.max(1, Math.floor(stepsPerEpoch / timesAnEpoch));
  if (step < first || step > last || (step !== last && (step - first) % every !== 0)) return undefined;
  const left = (last - step) / (last - first);
  return rule.sparsity * (1 - left ** 3);
}

/** Whether all weights have gone that are to: only such epochs may be the best one. */
export function isPruned(rule: Pruning, place: Pick<SchedulePlace, 'step' | 'steps'>): boolean {
  return place.step >= span(rule, place).last;
}

function isPrunable(shape: readonly number[], size: number): boolean {
  return shape.length >= 2 && size >= leastNumbers;
}

/** Holds the smallest weights of each kernel at 0. */
export interface Pruner {
  /** Chooses the smallest anew; what was 0 stays so. @param sparsity - Their share of each kernel. */
  choose(sparsity: number): void;
  /** After whatever changed the weights. */
  hold(): void;
  /** What is 0 was chosen: of weights that come from a checkpoint. */
  recall(): void;
  dispose(): void;
}

interface Held {
  readonly kernel: Variable;
  /** Variables whose numbers go with the kernel's. */
  readonly alike: readonly Variable[];
  mask: Handle | undefined;
}

/**
 * @param variables - Of a network.
 * @param averages - Of each variable, in their order, where there are any.
 */
export function createPruner(variables: readonly Variable[], averages: readonly Variable[]): Pruner {
  const all = variables.map((kernel, at): Held => {
    const average = averages[at];
    return { kernel, alike: average ? [kernel, average] : [kernel], mask: undefined };
  });
  const held = all.filter(({ kernel: { shape, size } }) => isPrunable(shape, size));
  const put = (one: Held, isKept: (value: number) => boolean): void => {
    if (one.mask) free(one.mask);
    const { kernel } = one;
    const mask = kernel.values().map((value) => (isKept(value) ? 1 : 0));
    one.mask = keep(upload(mask, kernel.shape));
  };
  return {
    choose(sparsity) {
      for (const one of held) {
        const sizes = one.kernel.values().map(Math.abs).sort();
        const gone = Math.round(sparsity * sizes.length);
        const least = gone === 0 ? 0 : (sizes[gone - 1] ?? 0);
        put(one, (value) => Math.abs(value) > least);
      }
    },
    hold() {
      for (const { alike, mask } of held) {
        if (!mask) continue;
        for (const variable of alike) {
          const value = variable.read();
          const next = mul(value, mask);
          free(value);
          variable.assign(next);
          free(next);
        }
      }
    },
    recall() {
      for (const one of held) put(one, (value) => value !== 0);
    },
    dispose() {
      for (const { mask } of held) if (mask) free(mask);
    },
  };
}

/** The share of zeros in a network's kernels, of those that are pruned. */
export function sparsityOf(model: tf.LayersModel): number {
  let [zeros, numbers] = [0, 0];
  for (const weight of model.trainableWeights) {
    const { shape, size } = weight.read();
    if (!isPrunable(shape, size)) continue;
    numbers += size;
    zeros += weight
      .read()
      .dataSync()
      .filter((value) => value === 0).length;
  }
  return numbers === 0 ? 0 : zeros / numbers;
}
