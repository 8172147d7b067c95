import { setImmediate } from 'node:timers/promises';
import type { Interval } from '../../../contracts/schemas/evaluation';
import { createRandom } from '../../random';
import { quantile } from './quantile';

/** Figures of some pictures, each counting as often as its weight says; null where one is undefined for these. */
export type Resampled = (weights: Int32Array) => Readonly<Record<string, number | null>>;

/** The same draws for every model, so that two of them on the same pictures differ by the models alone. */
const seed = 'evaluation intervals';

export const bootstrapDraws = 1000;
/** A turn of the event loop between so many, for heartbeats. */
const drawsAtOnce = 10;

/**
 * 95 % percentile intervals by the bootstrap: B. Efron, "Bootstrap methods: another look at the jackknife", Annals of
 * Statistics 7 (1979). All pictures are drawn anew, with replacement, as many as there are.
 *
 * @param pictures - how many there are
 * @returns of every figure that is defined in all draws but a twentieth at most; none where there are no pictures
 * @throws the signal's reason
 */
export async function bootstrapIntervals(
  pictures: number,
  figures: Resampled,
  {
    draws = bootstrapDraws,
    signal,
  }: { readonly draws?: number; readonly signal?: AbortSignal | undefined } = {},
): Promise<Record<string, Interval>> {
  if (pictures === 0) return {};
  const random = createRandom(seed);
  const found = new Map<string, number[]>();
  const weights = new Int32Array(pictures);
  for (let draw = 0; draw < draws; draw += 1) {
    if (draw % drawsAtOnce === 0) {
      await setImmediate();
      signal?.throwIfAborted();
    }
    weights.fill(0);
    for (let drawn = 0; drawn < pictures; drawn += 1) {
      const picture = random.int(pictures);
      weights[picture] = (weights[picture] ?? 0) + 1;
    }
    for (const [name, value] of Object.entries(figures(weights))) {
      if (value === null) continue;
      const values = found.get(name) ?? [];
      values.push(value);
      found.set(name, values);
    }
  }
  return Object.fromEntries(
    [...found]
      .filter(([, values]) => values.length >= 0.95 * draws)
      .map(([name, values]) => [name, [quantile(values, 0.025), quantile(values, 0.975)]]),
  );
}
