import { wilsonInterval } from '../../lib/evaluation/metrics/wilson';
import type { Random } from '../../lib/random';

/**
 * The score below which 2 % of the windows without drift lie, and no more: an alarm is a score that is less.
 *
 * @param scores - Of windows without drift; small means drift.
 */
export function thresholdOf(scores: readonly number[], nominal = 0.02): number {
  const sorted = [...scores].sort((one, other) => one - other);
  return sorted[Math.floor(nominal * sorted.length)] ?? -Infinity;
}

export function alarmsOf(scores: readonly number[], threshold: number): number {
  return scores.filter((score) => score < threshold).length;
}

/** A share with its 95 % interval. */
export function shareText(found: number, of: number): string {
  const [low, high] = wilsonInterval(found, of);
  return `${((100 * found) / of).toFixed(0)} (${(100 * low).toFixed(0)}–${(100 * high).toFixed(0)})`;
}

/** One side's scores: of the windows without drift, and of the same windows with some drift. */
export interface Side {
  readonly none: readonly number[];
  readonly drift: readonly number[];
}

/**
 * How many more points of the windows one side finds than another on the same windows, each at its own level, with a 95 % interval: percentiles
 * of so many bootstrap samples, in each of which both levels are set anew, for the levels are chance as well.
 */
export function differenceText(one: Side, other: Side, random: Random, samples = 2000): string {
  const found = differenceOf(one, other);
  const differences = Array.from({ length: samples }, () => {
    const places = {
      none: one.none.map(() => random.int(one.none.length)),
      drift: one.drift.map(() => random.int(one.drift.length)),
    };
    return differenceOf(pick(one, places), pick(other, places));
  }).sort((less, more) => less - more);
  const low = differences[Math.floor(0.025 * samples)] ?? NaN;
  const high = differences[Math.ceil(0.975 * samples) - 1] ?? NaN;
  return `${found.toFixed(0)} (${low.toFixed(0)} to ${high.toFixed(0)})`;
}

function differenceOf(one: Side, other: Side): number {
  return powerOf(one) - powerOf(other);
}

function powerOf({ none, drift }: Side): number {
  return (100 * alarmsOf(drift, thresholdOf(none))) / drift.length;
}

function pick(side: Side, places: { readonly none: number[]; readonly drift: number[] }): Side {
  return {
    none: places.none.map((at) => side.none[at] ?? NaN),
    drift: places.drift.map((at) => side.drift[at] ?? NaN),
  };
}
