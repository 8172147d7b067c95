import type { SweepRecord, TrialRecord } from '../../contracts/schemas/sweep-record';
import type { Distribution } from '../search/distributions';
import { readSpace } from '../search/space';

/** A parameter of numbers between two ends. */
export interface NumberDimension {
  readonly kind: 'number';
  readonly name: string;
  /** Every order of magnitude is as likely as another. */
  readonly log: boolean;
  /** low < high; those of its distribution, or of the trials where these lie further out or where it has no ends. */
  readonly low: number;
  readonly high: number;
  /** Its values are multiples of this, counted from `low`; missing where they may lie anywhere. */
  readonly step?: number;
}

/** A parameter of listed values. */
export interface CategoryDimension {
  readonly kind: 'category';
  readonly name: string;
  /** Numbers rising, others as they are listed. */
  readonly values: readonly unknown[];
  /** All are numbers, or true and false, so that more and less have a meaning. */
  readonly ordered: boolean;
}

/** A parameter that a sweep varies, as charts and importance see it. */
export type Dimension = NumberDimension | CategoryDimension;

/**
 * The parameters that differ between a sweep's trials, in the order of its configuration; then those that only trials
 * have, which were added by hand. One that all trials have alike says nothing, and is left out.
 */
export function dimensionsOf({ config, trials }: Pick<SweepRecord, 'config' | 'trials'>): Dimension[] {
  const { parameters } = readSpace(config.parameters).space;
  const distributions = new Map(parameters.map(({ name, distribution }) => [name, distribution]));
  const names = new Set([
    ...distributions.keys(),
    ...trials.flatMap((trial) => Object.keys(trial.parameters)),
  ]);
  return [...names].flatMap((name) => {
    const found = trials.map((trial) => trial.parameters[name]);
    if (new Set(found.map(keyOfValue)).size < 2) return [];
    const values = found.filter((value) => value !== undefined);
    return [dimensionOf(name, distributions.get(name), values)];
  });
}

/** Where a value lies among a category's; undefined of one that is not listed. */
export function categoryOf({ values }: CategoryDimension, value: unknown): number | undefined {
  const key = keyOfValue(value);
  const at = values.findIndex((one) => keyOfValue(one) === key);
  return at === -1 ? undefined : at;
}

/** A trial's value as a number that can be put in order with others; undefined where it can't, or has none. */
export function orderOf(dimension: Dimension, { parameters }: TrialRecord): number | undefined {
  const value = parameters[dimension.name];
  if (dimension.kind === 'category' && !dimension.ordered) return undefined;
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function dimensionOf(name: string, distribution: Distribution | undefined, found: unknown[]): Dimension {
  const numbers = found.filter(
    (value): value is number => typeof value === 'number' && Number.isFinite(value),
  );
  const listed = distribution !== undefined && 'values' in distribution ? distribution.values : undefined;
  if (listed !== undefined || numbers.length < found.length || distribution?.distribution === 'constant') {
    return categories(name, [...(listed ?? []), ...found]);
  }
  const { low, high, log, step } = domainOf(distribution);
  const lowest = Math.min(low, ...numbers);
  const highest = Math.max(high, ...numbers);
  const stepped = step !== undefined && numbers.every((value) => isMultiple(value - lowest, step));
  // An endless distribution of which all draws are the same, but for the trials that have none.
  if (lowest === highest) return categories(name, found);
  return {
    kind: 'number',
    name,
    log: log && lowest > 0,
    low: lowest,
    high: highest,
    ...(stepped && { step }),
  };
}

function categories(name: string, found: readonly unknown[]): CategoryDimension {
  const values = [...new Map(found.map((value) => [keyOfValue(value), value])).values()];
  const ordered = values.every((value) => typeof value === 'number' || typeof value === 'boolean');
  if (ordered) values.sort((one, other) => Number(one) - Number(other));
  return { kind: 'category', name, values, ordered };
}

interface Domain {
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
  readonly step?: number;
}

/** Of one without ends, an empty domain, which the trials' values then widen. */
function domainOf(distribution: Distribution | undefined): Domain {
  const endless = { low: Infinity, high: -Infinity };
  switch (distribution?.distribution) {
    case 'int_uniform':
      return { low: distribution.min, high: distribution.max, log: false, step: 1 };
    case 'uniform':
      return { low: distribution.min, high: distribution.max, log: false };
    case 'q_uniform': {
      const { min, max, q } = distribution;
      return { low: Math.round(min / q) * q, high: Math.round(max / q) * q, log: false, step: q };
    }
    case 'log_uniform':
    case 'q_log_uniform':
      return { low: Math.exp(distribution.min), high: Math.exp(distribution.max), log: true };
    case 'inv_log_uniform':
      return { low: Math.exp(-distribution.max), high: Math.exp(-distribution.min), log: true };
    case 'log_uniform_values':
    case 'q_log_uniform_values':
    case 'inv_log_uniform_values':
      return { low: distribution.min, high: distribution.max, log: true };
    case 'beta':
    case 'q_beta':
      return { low: 0, high: 1, log: false };
    case 'log_normal':
    case 'q_log_normal':
      return { ...endless, log: true };
    default:
      return { ...endless, log: false };
  }
}

function isMultiple(value: number, step: number): boolean {
  return Math.abs(value / step - Math.round(value / step)) < 1e-6;
}

function keyOfValue(value: unknown): string {
  return value === undefined ? '' : JSON.stringify(value);
}
