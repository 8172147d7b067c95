import { medianOf } from '../figures';

/** A time or a ratio of which only bounds may be known. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** @param seconds - undefined where it took longer than `cap`. */
export function timeOf(seconds: number | undefined, cap: number): Bounds {
  return seconds === undefined ? { least: cap, most: Infinity } : { least: seconds, most: seconds };
}

export function ratioOf(own: Bounds, other: Bounds): Bounds {
  return { least: own.least / other.most, most: own.most / other.least };
}

/** No median lies outside those of the bounds. */
export function medianOfBounds(all: readonly Bounds[]): Bounds {
  return { least: medianOf(all.map(({ least }) => least)), most: medianOf(all.map(({ most }) => most)) };
}

/** `0.31`, `at most 0.31`, `at least 0.31`, `0.31 to 0.40`, or `?` where nothing is known. */
export function told({ least, most }: Bounds, digits = 2): string {
  const [low, high] = [least.toFixed(digits), most.toFixed(digits)];
  if (least === most) return low;
  if (most === Infinity) return least === 0 ? '?' : `at least ${low}`;
  return least === 0 ? `at most ${high}` : `${low} to ${high}`;
}
