import { Failure } from '../../contracts/failures';
import { didYouMean } from '../../contracts/schemas/nearest';
import { kindOf, type Problem } from '../../contracts/schemas/problems';
import { both, checkConditions, readConditions, type Condition } from './conditions';
import type { Distribution } from './distributions';
import { readDistribution, type IsFloat, type Reading } from './read-distribution';

export interface Parameter {
  /** Dotted, where it lies deeper: `network.dense`. */
  readonly name: string;
  readonly distribution: Distribution;
  /** Where it stands under `parameters`, for messages. */
  readonly path: readonly (string | number)[];
  /** It is asked for only where all of these hold. */
  readonly when?: readonly Condition[];
}

/** What a sweep searches: parameters in the order of the configuration, independent but for their conditions. */
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
  const names: string[] = [];
  readLevel(parameters, { path: [], prefix: '', when: [] }, { found, names }, reading);
  reading.problems.push(...checkConditions(found, names));
  return { space: { parameters: found }, problems: reading.problems, warnings: reading.warnings };
}

/** Where a level of parameters stands, and what all in it depend on. */
interface Level {
  readonly path: readonly (string | number)[];
  readonly prefix: string;
  readonly when: readonly Condition[];
}

interface Found {
  readonly found: Parameter[];
  /** Of those too whose distribution can't be read. */
  readonly names: string[];
}

function readLevel(entries: unknown, level: Level, into: Found, reading: Reading): void {
  if (!isMap(entries) || Object.keys(entries).length === 0) {
    reading.problems.push({
      path: level.path,
      message: `expected a map with at least one parameter, found ${isMap(entries) ? 'none' : kindOf(entries)}`,
      wrong: 'value',
    });
    return;
  }
  for (const [key, entry] of Object.entries(entries)) {
    const path = [...level.path, key];
    const name = level.prefix + key;
    if (!namePattern.test(key)) {
      const message = 'not a name; expected letters, digits, _, . and -, with a letter or _ first';
      reading.problems.push({ path, message, wrong: 'key' });
    } else if (into.names.includes(name)) {
      reading.problems.push({ path, message: `${name} is given twice`, wrong: 'key' });
    } else if (!isMap(entry)) {
      const message = `expected a map such as {value: …} or {min: …, max: …}, found ${kindOf(entry)}`;
      reading.problems.push({ path, message, wrong: 'value' });
    } else {
      const when = both(level.when, readConditions(entry.when, [...path, 'when'], reading.problems));
      if ('parameters' in entry) {
        readNested(entry, { path, prefix: `${name}.`, when }, into, reading);
        continue;
      }
      into.names.push(name);
      const distribution = readDistribution(entry, path, reading);
      if (distribution === undefined) continue;
      into.found.push({ name, distribution, path, ...(when.length > 0 && { when }) });
    }
  }
}

function readNested(
  entry: Readonly<Record<string, unknown>>,
  level: Level,
  into: Found,
  reading: Reading,
): void {
  for (const key of Object.keys(entry)) {
    if (key === 'parameters' || key === 'when') continue;
    const message = `unknown key beside parameters${didYouMean(key, ['parameters', 'when'])}`;
    reading.problems.push({ path: [...level.path, key], message, wrong: 'key' });
  }
  readLevel(entry.parameters, { ...level, path: [...level.path, 'parameters'] }, into, reading);
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
export function writeSpace(space: Space): Record<string, Distribution & { when?: Record<string, unknown> }> {
  return Object.fromEntries(
    space.parameters.map(({ name, distribution, when }) => {
      const written = when && Object.fromEntries(when.map((condition) => [condition.name, condition.values]));
      return [name, { ...distribution, ...(written && { when: written }) }];
    }),
  );
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
