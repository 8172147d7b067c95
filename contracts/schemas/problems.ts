import type { z } from 'zod';
import { keysAt, property, settingOfKey } from './keys';
import { didYouMean } from './nearest';

/** One thing wrong with a document, and where: said without echoing any value that was written. */
export interface Problem {
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** Whether the key itself is wrong, or what stands there. */
  readonly wrong: 'key' | 'value';
}

export type Checked<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problems: readonly Problem[] };

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys',
  record: 'a map of keys',
};

/** What kind of value this is, for people; never the value. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) return 'a number that is not finite';
    return Number.isInteger(value) ? 'a whole number' : 'a number with decimals';
  }
  return typeWords[typeof value] ?? 'something else';
}

function limit(
  origin: string,
  inclusive: boolean | undefined,
  bound: unknown,
  side: 'least' | 'most',
): string {
  const unit = { array: ' item', string: ' character' }[origin] ?? '';
  const counted = `${String(bound)}${unit}${unit === '' || bound === 1 ? '' : 's'}`;
  if (inclusive === false) return `expected ${side === 'least' ? 'more' : 'less'} than ${counted}`;
  return `expected at ${side} ${counted}`;
}

/** Whether a schema is of whole numbers, which zod says only of numbers that aren't. */
function isWhole(schema: z.core.$ZodRawIssue['inst']): boolean {
  const def = schema && '_zod' in schema ? schema._zod.def : undefined;
  return def !== undefined && 'format' in def && def.format === 'safeint';
}

function notOneOf(found: unknown, choices: readonly string[]): string {
  if (typeof found === 'string') return `not one of the choices${didYouMean(found, choices)}`;
  const expected = `expected one of ${choices.join(', ')}`;
  return found === undefined ? `missing; ${expected}` : `${expected}, found ${kindOf(found)}`;
}

/** Drover's words for what zod found; a message given in a schema stands before these. */
function words(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type': {
      const expected = typeWords[isWhole(issue.inst) ? 'int' : issue.expected] ?? String(issue.expected);
      if (issue.input === undefined) return `missing; expected ${expected}`;
      return `expected ${expected}, found ${kindOf(issue.input)}`;
    }
    case 'invalid_value': {
      const choices = issue.values.map(String);
      return notOneOf(issue.input, choices);
    }
    case 'too_small':
      return limit(String(issue.origin), issue.inclusive, issue.minimum, 'least');
    case 'too_big':
      return limit(String(issue.origin), issue.inclusive, issue.maximum, 'most');
    case 'invalid_union': {
      const choices = 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : [];
      if (choices.length === 0) return undefined;
      const key = 'discriminator' in issue ? issue.discriminator : undefined;
      return notOneOf(typeof key === 'string' ? property(issue.input, key) : undefined, choices);
    }
    default:
      return undefined;
  }
}

/**
 * Parses `input`, and says all that is wrong with it in words for people, with "did you mean".
 *
 * @returns the parsed value with its defaults, or every problem in it.
 */
export function check<S extends z.ZodType>(schema: S, input: unknown): Checked<z.output<S>> {
  const parsed = schema.safeParse(input, { error: words });
  if (parsed.success) return { ok: true, value: parsed.data };
  const problems = parsed.error.issues.flatMap((issue): Problem[] => {
    const path = issue.path.map((key) => (typeof key === 'number' ? key : String(key)));
    if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message, wrong: 'value' }];
    const known = keysAt(schema, issue.path, input);
    return issue.keys.map((key) => {
      // `epochs` of a sweep, where `train.epochs` is meant.
      const meant = path.length === 0 ? settingOfKey(schema, key) : undefined;
      return {
        path: [...path, key],
        message: `unknown key${didYouMean(key, meant === undefined ? known : [meant])}`,
        wrong: 'key',
      };
    });
  });
  return { ok: false, problems };
}
