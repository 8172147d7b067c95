import { didYouMean } from '../../contracts/schemas/nearest';
import { kindOf, type Problem } from '../../contracts/schemas/problems';
import { normals, ranges, roundedNormals, roundedRanges, type Distribution } from './distributions';

/** Whether the number at this path was written as one with decimals (`1.0`): JavaScript can't tell. */
export type IsFloat = (path: readonly (string | number)[]) => boolean;

/** What is found out while a space is read. */
export interface Reading {
  readonly problems: Problem[];
  readonly warnings: Problem[];
  readonly isFloat: IsFloat;
}

type Entry = Readonly<Record<string, unknown>>;
type Path = readonly (string | number)[];

/** Every distribution with the fields that it has. */
const fieldsOf: Readonly<Record<Distribution['distribution'], readonly string[]>> = {
  constant: ['value'],
  categorical: ['values'],
  categorical_w_probabilities: ['values', 'probabilities'],
  int_uniform: ['min', 'max'],
  uniform: ['min', 'max'],
  q_uniform: ['min', 'max', 'q'],
  log_uniform: ['min', 'max'],
  q_log_uniform: ['min', 'max', 'q'],
  inv_log_uniform: ['min', 'max'],
  log_uniform_values: ['min', 'max'],
  q_log_uniform_values: ['min', 'max', 'q'],
  inv_log_uniform_values: ['min', 'max'],
  normal: ['mu', 'sigma'],
  q_normal: ['mu', 'sigma', 'q'],
  log_normal: ['mu', 'sigma'],
  q_log_normal: ['mu', 'sigma', 'q'],
  beta: ['a', 'b'],
  q_beta: ['a', 'b', 'q'],
};

/** Every key that a parameter of some distribution may have. */
export const parameterKeys: readonly string[] = [
  ...new Set(['distribution', 'parameters', 'when', ...Object.values(fieldsOf).flat()]),
];

/** One parameter, with its distribution inferred where it is left out, as W&B does. */
export function readDistribution(entry: Entry, path: Path, reading: Reading): Distribution | undefined {
  const before = reading.problems.length;
  const kind = kindOfEntry(entry, path, reading);
  for (const key of Object.keys(entry)) checkKey(key, kind, path, reading);
  if (kind === undefined) return undefined;
  const read = build(kind, new Fields(entry, path, reading));
  return reading.problems.length === before ? read : undefined;
}

function kindOfEntry(entry: Entry, path: Path, reading: Reading): Distribution['distribution'] | undefined {
  const { distribution } = entry;
  if (distribution === undefined) return inferred(entry, path, reading);
  if (isDistribution(distribution)) return distribution;
  const message =
    typeof distribution === 'string'
      ? `unknown distribution${didYouMean(distribution, Object.keys(fieldsOf))}`
      : `expected a distribution's name, found ${kindOf(distribution)}`;
  reading.problems.push({ path: [...path, 'distribution'], message, wrong: 'value' });
  return undefined;
}

function inferred(entry: Entry, path: Path, reading: Reading): Distribution['distribution'] | undefined {
  if ('values' in entry) return 'probabilities' in entry ? 'categorical_w_probabilities' : 'categorical';
  if ('value' in entry) return 'constant';
  if ('min' in entry && 'max' in entry && !('q' in entry)) {
    const whole = (field: 'min' | 'max') =>
      Number.isInteger(entry[field]) && !reading.isFloat([...path, field]);
    return whole('min') && whole('max') ? 'int_uniform' : 'uniform';
  }
  // A mistyped key is the better news.
  if (Object.keys(entry).every((key) => parameterKeys.includes(key))) {
    const message =
      'min' in entry !== 'max' in entry
        ? `${'min' in entry ? 'max' : 'min'} is missing`
        : 'expected value, values, min and max, or a distribution';
    reading.problems.push({ path, message, wrong: 'value' });
  }
  return undefined;
}

function checkKey(
  key: string,
  kind: Distribution['distribution'] | undefined,
  path: Path,
  reading: Reading,
): void {
  // space.ts reads `when`: it is no distribution's.
  if (key === 'distribution' || key === 'when') return;
  const at = [...path, key];
  if (!parameterKeys.includes(key)) {
    const known = kind === undefined ? parameterKeys : ['distribution', 'when', ...fieldsOf[kind]];
    reading.problems.push({ path: at, message: `unknown key${didYouMean(key, known)}`, wrong: 'key' });
  } else if (kind !== undefined && !fieldsOf[kind].includes(key)) {
    const message = `${kind} has no use for it; it takes ${fieldsOf[kind].join(', ')}`;
    // A left-over q changes little; a left-over value says that another distribution was meant.
    const list = ['value', 'values', 'probabilities'].includes(key) ? reading.problems : reading.warnings;
    list.push({ path: at, message, wrong: 'key' });
  }
}

/** Reads fields of one parameter, and says what is wrong with each. */
class Fields {
  constructor(
    readonly entry: Entry,
    readonly path: Path,
    readonly reading: Reading,
  ) {}

  wrong(field: string, message: string): void {
    this.reading.problems.push({ path: [...this.path, field], message, wrong: 'value' });
  }

  warn(message: string): void {
    this.reading.warnings.push({ path: [...this.path, 'distribution'], message, wrong: 'value' });
  }

  /** A finite number; NaN where there is none, which every comparison lets pass. */
  number(field: string, fallback?: number): number {
    const value = this.entry[field];
    if (value === undefined && fallback !== undefined) return fallback;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    this.wrong(
      field,
      value === undefined ? 'missing; expected a number' : `expected a number, found ${kindOf(value)}`,
    );
    return NaN;
  }

  above(field: string, bound: number, fallback?: number): number {
    const value = this.number(field, fallback);
    if (value <= bound) this.wrong(field, `expected more than ${bound}`);
    return value;
  }

  list(field: string): readonly unknown[] {
    const value = this.entry[field];
    if (Array.isArray(value) && value.length > 0) return value;
    this.wrong(
      field,
      `expected a list with at least one item, found ${Array.isArray(value) ? 'none' : kindOf(value)}`,
    );
    return [];
  }

  range(): { min: number; max: number } {
    const [min, max] = [this.number('min'), this.number('max')];
    if (min >= max) this.wrong('max', 'expected more than min');
    return { min, max };
  }

  get q(): number {
    return this.above('q', 0, 1);
  }
}

function build(kind: Distribution['distribution'], fields: Fields): Distribution {
  if (includes(ranges, kind) || includes(roundedRanges, kind)) {
    const { min, max } = fields.range();
    if (kind.endsWith('_values') && min <= 0) fields.wrong('min', 'expected more than 0');
    if (kind === 'int_uniform') wholeNumbers(fields, { min, max });
    if (kind.endsWith('log_uniform')) warnOfExponents(kind, fields, min, max);
    return includes(roundedRanges, kind)
      ? { distribution: kind, min, max, q: fields.q }
      : { distribution: kind, min, max };
  }
  if (includes(normals, kind) || includes(roundedNormals, kind)) {
    const mu = fields.number('mu', 0);
    const sigma = fields.number('sigma', 1);
    if (sigma < 0) fields.wrong('sigma', 'expected at least 0');
    return includes(roundedNormals, kind)
      ? { distribution: kind, mu, sigma, q: fields.q }
      : { distribution: kind, mu, sigma };
  }
  switch (kind) {
    case 'constant':
      if (fields.entry.value === undefined) fields.wrong('value', 'missing; expected a value');
      return { distribution: kind, value: fields.entry.value };
    case 'categorical':
      return { distribution: kind, values: fields.list('values') };
    case 'categorical_w_probabilities':
      return { distribution: kind, values: fields.list('values'), probabilities: probabilities(fields) };
    case 'beta':
      return { distribution: kind, a: fields.above('a', 0, 1), b: fields.above('b', 0, 1) };
    case 'q_beta':
      return { distribution: kind, a: fields.above('a', 0, 1), b: fields.above('b', 0, 1), q: fields.q };
  }
}

function wholeNumbers(fields: Fields, range: Readonly<Record<'min' | 'max', number>>): void {
  for (const field of ['min', 'max'] as const) {
    const value = range[field];
    if (Number.isNaN(value) || (Number.isInteger(value) && !fields.reading.isFloat([...fields.path, field])))
      continue;
    fields.wrong(field, 'expected a whole number, found a number with decimals');
  }
}

function probabilities(fields: Fields): readonly number[] {
  const values = fields.list('values');
  const shares = fields.list('probabilities').filter((share) => typeof share === 'number');
  if (shares.length !== values.length) {
    fields.wrong(
      'probabilities',
      `expected as many numbers as values (${values.length}), found ${shares.length}`,
    );
  } else if (shares.some((share) => !(share >= 0))) {
    fields.wrong('probabilities', 'expected no number below 0');
  } else if (Math.abs(shares.reduce((sum, share) => sum + share, 0) - 1) > 1e-6) {
    fields.wrong('probabilities', 'expected numbers whose sum is 1');
  }
  return shares;
}

/** W&B's oldest trap: what reads like learning rates gives numbers near 1. */
function warnOfExponents(kind: string, fields: Fields, min: number, max: number): void {
  if (Number.isNaN(min) || Number.isNaN(max)) return;
  const [from, to] = kind === 'inv_log_uniform' ? [-max, -min] : [min, max];
  const range = `${short(Math.exp(from))}…${short(Math.exp(to))}`;
  const meant =
    min > 0
      ? `; for values of ${short(min)}…${short(max)}, use ${kind}_values`
      : `; ${kind}_values takes the values`;
  fields.warn(`${kind} takes base-e exponents, so this draws ${range}${meant}`);
}

function short(x: number): string {
  return String(Number(x.toPrecision(5)));
}

function isDistribution(name: unknown): name is Distribution['distribution'] {
  return typeof name === 'string' && Object.hasOwn(fieldsOf, name);
}

function includes<T extends string>(list: readonly T[], item: string): item is T {
  return list.some((one) => one === item);
}
