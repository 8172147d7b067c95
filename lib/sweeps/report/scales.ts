import { categoryOf, type CategoryDimension, type Dimension, type NumberDimension } from '../dimensions';
import { numberText, valueText } from './value-text';

export interface Tick {
  /** As {@link Scale.at}. */
  readonly at: number;
  readonly name: string;
}

/** Where values lie on an axis: 0 at its start, 1 at its end. */
export interface Scale {
  /** undefined of a value that has no place on it. */
  readonly at: (value: unknown) => number | undefined;
  readonly ticks: readonly Tick[];
  /** How far to each side of a value marks may be put aside, so that they don't lie on each other. */
  readonly room: number;
}

/** A parameter's axis, with about so many ticks. */
export function dimensionScale(dimension: Dimension, ticks: number): Scale {
  return dimension.kind === 'category' ? categoryScale(dimension, ticks) : numberScale(dimension, ticks);
}

/** A part of an axis of numbers with round ticks (Heckbert, "Nice numbers", 1990) inside. */
export function linearScale(low: number, high: number, ticks: number, least = 0): Scale {
  const at = (value: number) => (value - low) / (high - low);
  return {
    at: (value) => (typeof value === 'number' ? within(at(value)) : undefined),
    ticks: niceNumbers(low, high, ticks, least).map(({ value, name }) => ({ at: at(value), name })),
    room: 0,
  };
}

function numberScale({ log, low, high, step = 0 }: NumberDimension, ticks: number): Scale {
  if (!log) return linearScale(low, high, ticks, Math.min(step, (high - low) / 2));
  const [first, last] = [Math.log(low), Math.log(high)];
  const at = (value: number) => (Math.log(value) - first) / (last - first);
  const powers = roundFactors(low, high, ticks);
  const named =
    powers.length >= 2
      ? powers.map((value) => ({ value, name: numberText(value) }))
      : niceNumbers(low, high, ticks, 0);
  return {
    at: (value) => (typeof value === 'number' && value > 0 ? within(at(value)) : undefined),
    ticks: named.map(({ value, name }) => ({ at: at(value), name })),
    room: 0,
  };
}

function categoryScale(dimension: CategoryDimension, ticks: number): Scale {
  const { values } = dimension;
  const each = 1 / values.length;
  const every = Math.ceil(values.length / Math.max(1, ticks));
  return {
    at: (value) => {
      const index = categoryOf(dimension, value);
      return index === undefined ? undefined : (index + 0.5) * each;
    },
    ticks: values.flatMap((value, index) =>
      index % every === 0 ? [{ at: (index + 0.5) * each, name: valueText(value) }] : [],
    ),
    room: 0.3 * each,
  };
}

function niceNumbers(
  low: number,
  high: number,
  ticks: number,
  least: number,
): { value: number; name: string }[] {
  const rough = (high - low) / ticks;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(
    least,
    [1, 2, 5, 10].map((times) => times * power).find((nice) => nice >= rough * 0.999_999) ?? rough,
  );
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, index) => {
    // Adding 0 makes -0 a plain 0.
    const value = (first + index) * step + 0;
    const long = Math.abs(value) >= 1e6 || decimals > 5;
    return { value, name: long ? numberText(value) : value.toFixed(decimals) };
  });
}

/** 1, 2, 5, 10, 20 … between two numbers; powers of ten alone, or every second of them, where that would be too many. */
function roundFactors(low: number, high: number, ticks: number): number[] {
  const from = Math.floor(Math.log10(low));
  const powers = Array.from({ length: Math.ceil(Math.log10(high)) - from + 1 }, (_, index) => from + index);
  // Written out, since multiplying by ten again and again is not exact.
  const inside = (times: number, power: number) => {
    const value = Number(`${times}e${power}`);
    return value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9) ? [value] : [];
  };
  const all = powers.flatMap((power) => [1, 2, 5].flatMap((times) => inside(times, power)));
  if (all.length <= ticks) return all;
  const tens = powers.flatMap((power) => inside(1, power));
  const every = Math.max(1, Math.ceil(tens.length / ticks));
  return tens.length < 2 ? all : tens.filter((_, index) => index % every === 0);
}

function within(share: number): number {
  return Math.min(1, Math.max(0, share));
}
