import { cellOf, sizeOf, type Numeric } from './cdf';
import { isAskedFor, parentsFirst, same } from './conditions';
import { quantile, type Distribution } from './distributions';
import type { Parameter, Space } from './space';

/**
 * One parameter as a model sees it. Its coordinate is the share of draws below its value (of one that is rounded or whole,
 * the middle of the share that gives it), so that what is likely takes much room; of a categorical, the value's number.
 */
export interface Dimension {
  readonly parameter: Parameter;
  readonly kind: 'continuous' | 'stepped' | 'categorical';
  /** How many values there are; Infinity where there is no end to them. */
  readonly size: number;
  /** Of a categorical: how likely each value is, before anything is known. */
  readonly shares: readonly number[];
  /** The coordinate that a uniform draw gives. */
  readonly fromUniform: (u: number) => number;
  /** undefined of a value that the distribution never gives. */
  readonly toCoordinate: (value: unknown) => number | undefined;
  readonly toValue: (coordinate: number) => unknown;
  /** The share of draws that give the coordinate's value; both ends are the same where nothing is rounded. */
  readonly cell: (coordinate: number) => readonly [number, number];
}

/** A trial in coordinates; NaN for a parameter that isn't asked for. */
export type Point = Float64Array;

/** A space as models see it. */
export interface Coordinates {
  /** Each after those that it depends on. */
  readonly dimensions: readonly Dimension[];
  /** How many points there are at most; Infinity where there is no end to them. */
  readonly size: number;
  /** Whether any parameter depends on another. */
  readonly conditional: boolean;
  /** A point with NaN where its parameters aren't asked for, and all others snapped to values that are drawn. */
  readonly settle: (point: ArrayLike<number>) => Point;
  /** Values by name, in the configuration's order. */
  readonly decode: (point: Point) => Record<string, unknown>;
  /** undefined where something is missing, or is a value that the space doesn't have. */
  readonly encode: (parameters: Readonly<Record<string, unknown>>) => Point | undefined;
}

/** The ends of what is turned into values: 0 and 1 themselves may lie at infinity. */
const least = 2 ** -33;

export function coordinatesOf(space: Space): Coordinates {
  const dimensions = parentsFirst(space.parameters).map(dimensionOf);
  const conditional = space.parameters.some(({ when = [] }) => when.length > 0);

  function decode(point: Point): Record<string, unknown> {
    const values = new Map<string, unknown>();
    for (const [at, { parameter, toValue }] of dimensions.entries()) {
      const coordinate = point[at] ?? NaN;
      if (!Number.isNaN(coordinate)) values.set(parameter.name, toValue(coordinate));
    }
    const asked = space.parameters.filter(({ name }) => values.has(name));
    return Object.fromEntries(asked.map(({ name }) => [name, values.get(name)]));
  }

  function settle(point: ArrayLike<number>): Point {
    const given: Record<string, unknown> = {};
    return Float64Array.from(dimensions, ({ parameter, kind, toValue, toCoordinate, fromUniform }, at) => {
      if (conditional && !isAskedFor(parameter, given)) return NaN;
      let coordinate = point[at] ?? NaN;
      // It wasn't asked for before, and is now.
      if (Number.isNaN(coordinate)) coordinate = fromUniform(0.5);
      if (kind === 'stepped') coordinate = toCoordinate(toValue(coordinate)) ?? coordinate;
      if (conditional) given[parameter.name] = toValue(coordinate);
      return coordinate;
    });
  }

  function encode(parameters: Readonly<Record<string, unknown>>): Point | undefined {
    const point = new Float64Array(dimensions.length);
    for (const [at, { parameter, toCoordinate }] of dimensions.entries()) {
      const coordinate = isAskedFor(parameter, parameters) ? toCoordinate(parameters[parameter.name]) : NaN;
      if (coordinate === undefined) return undefined;
      point[at] = coordinate;
    }
    return point;
  }

  const size = dimensions.reduce((product, dimension) => product * dimension.size, 1);
  return { dimensions, size, conditional, settle, decode, encode };
}

function dimensionOf(parameter: Parameter): Dimension {
  const { distribution } = parameter;
  if (distribution.distribution === 'constant') return listed(parameter, [distribution.value], [1]);
  if (!('values' in distribution)) return numeric(parameter, distribution);
  const { values } = distribution;
  const shares =
    'probabilities' in distribution ? distribution.probabilities : values.map(() => 1 / values.length);
  return listed(parameter, values, shares);
}

function listed(parameter: Parameter, given: readonly unknown[], weights: readonly number[]): Dimension {
  // A value that is given twice is one value, twice as likely; one that is never drawn is none.
  const values: unknown[] = [];
  const shares: number[] = [];
  for (const [at, value] of given.entries()) {
    const weight = weights[at] ?? 0;
    if (weight <= 0) continue;
    const known = values.findIndex((one) => same(one, value));
    if (known === -1) {
      values.push(value);
      shares.push(weight);
    } else shares[known] = (shares[known] ?? 0) + weight;
  }
  const distribution: Distribution = {
    distribution: 'categorical_w_probabilities',
    values: values.map((_, at) => at),
    probabilities: shares,
  };
  return {
    parameter,
    kind: 'categorical',
    size: values.length,
    shares,
    fromUniform: (u) => Number(quantile(distribution, u)),
    toCoordinate(value) {
      const at = values.findIndex((one) => same(one, value));
      return at === -1 ? undefined : at;
    },
    toValue: (coordinate) => values[coordinate],
    cell: (coordinate) => [coordinate, coordinate],
  };
}

function numeric(parameter: Parameter, distribution: Numeric): Dimension {
  const stepped = 'q' in distribution || distribution.distribution === 'int_uniform';
  const toValue = (coordinate: number) =>
    quantile(distribution, Math.min(1 - least, Math.max(least, coordinate)));
  const cell = (coordinate: number): readonly [number, number] =>
    stepped ? cellOf(distribution, Number(toValue(coordinate))) : [coordinate, coordinate];
  const drawn = (value: number, middle: number): boolean => {
    if (stepped) return Math.abs(Number(toValue(middle)) - value) <= 1e-6 * Math.abs(value);
    if ('sigma' in distribution) return distribution.distribution === 'normal' || value > 0;
    // Other programs' rounding is let pass.
    const [low, high] = [0, 1].map((u) => Number(quantile(distribution, u)));
    const room = 1e-9 * ((high ?? NaN) - (low ?? NaN));
    return value >= (low ?? NaN) - room && value <= (high ?? NaN) + room;
  };
  const toCoordinate = (value: unknown): number | undefined => {
    if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
    const [low, high] = cellOf(distribution, value);
    const middle = (low + high) / 2;
    return drawn(value, middle) ? middle : undefined;
  };
  return {
    parameter,
    kind: stepped ? 'stepped' : 'continuous',
    size: sizeOf(distribution),
    shares: [],
    fromUniform: (u) => (stepped ? (toCoordinate(toValue(u)) ?? u) : u),
    toCoordinate,
    toValue,
    cell,
  };
}
