import { Failure } from '../../contracts/failures';
import { didYouMean } from '../../contracts/schemas/nearest';
import { kindOf, type Problem } from '../../contracts/schemas/problems';
import type { Distribution } from './distributions';
import { readDistribution, type IsFloat, type Reading } from './read-distribution';

export interface Parameter {
  /** Dotted, where it lies deeper: `network.dense`. */
  readonly name: string;
  readonly distribution: Distribution;
  /** Where it stands under `parameters`, for messages. */
  readonly path: readonly (string | number)[];
}

/** What a sweep searches: independent parameters, in the order of the configuration. */
export interface Space {
  readonly parameters: readonly Parameter[];
}

export interface SpaceReading {
  /** Only what could be read: complete where there are no problems. */
  readonly space: Space;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

const namePattern = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/**
 * Reads `parameters` of a sweep's configuration, in W&B's format, and says all that is wrong with it.
 *
 * @param isFloat - Without it, whole numbers are integers: `min: 1.0` then infers `int_uniform`.
 */
export function readSpace(parameters: unknown, isFloat: IsFloat = () => false): SpaceReading {
  const reading: Reading = { problems: [], warnings: [], isFloat };
  const found: Parameter[] = [];
  readLevel(parameters, [], '', found, reading);
  return { space: { parameters: found }, problems: reading.problems, warnings: reading.warnings };
}

function readLevel(
  level: unknown,
  path: readonly (string | number)[],
  prefix: string,
  found: Parameter[],
  reading: Reading,
): void {
  if (!isMap(level) || Object.keys(level).length === 0) {
    reading.problems.push({
      path,
      message: `expected a map with at least one parameter, found ${isMap(level) ? 'none' : kindOf(level)}`,
      wrong: 'value',
    });
    return;
  }
  for (const [key, entry] of Object.entries(level)) {
    const at = [...path, key];
    const name = prefix + key;
    if (!namePattern.test(key)) {
      const message = 'not a name; expected letters, digits, _, . and -, with a letter or _ first';
      reading.problems.push({ path: at, message, wrong: 'key' });
    } else if (found.some((other) => other.name === name)) {
      reading.problems.push({ path: at, message: `${name} is given twice`, wrong: 'key' });
    } else if (!isMap(entry)) {
      const message = `expected a map such as {value: …} or {min: …, max: …}, found ${kindOf(entry)}`;
      reading.problems.push({ path: at, message, wrong: 'value' });
    } else if ('parameters' in entry) {
      readNested(entry, at, name, found, reading);
    } else {
      const distribution = readDistribution(entry, at, reading);
      if (distribution !== undefined) found.push({ name, distribution, path: at });
    }
  }
}

function readNested(
  entry: Readonly<Record<string, unknown>>,
  at: readonly (string | number)[],
  name: string,
  found: Parameter[],
  reading: Reading,
): void {
  for (const key of Object.keys(entry)) {
    if (key === 'parameters') continue;
    const message = `unknown key beside parameters${didYouMean(key, ['parameters'])}`;
    reading.problems.push({ path: [...at, key], message, wrong: 'key' });
  }
  readLevel(entry.parameters, [...at, 'parameters'], `${name}.`, found, reading);
}

/** @throws Failure `configuration-invalid`, with every problem in it, by its path. */
export function parseSpace(parameters: unknown, isFloat?: IsFloat): Space {
  const { space, problems } = readSpace(parameters, isFloat);
  if (problems.length > 0) {
    const lines = problems.map(({ path, message }) => `${['parameters', ...path].join('.')}: ${message}`);
    throw new Failure('configuration-invalid', lines.join('\n'));
  }
  return space;
}

/**
 * The same space as `parameters` again, with dotted names and nothing left to infer: it can go through
 * JSON, which knows no difference between 1 and 1.0.
 */
export function writeSpace(space: Space): Record<string, Distribution> {
  return Object.fromEntries(space.parameters.map(({ name, distribution }) => [name, distribution]));
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
