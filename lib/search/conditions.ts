import { didYouMean } from '../../contracts/schemas/nearest';
import { kindOf, type Problem } from '../../contracts/schemas/problems';
import type { Distribution } from './distributions';

/** A parameter is asked for only where another has one of these values. */
export interface Condition {
  readonly name: string;
  readonly values: readonly unknown[];
}

interface Conditional {
  readonly name: string;
  readonly distribution: Distribution;
  readonly path: readonly (string | number)[];
  readonly when?: readonly Condition[];
}

type Path = readonly (string | number)[];

/** Reads `when: {optimizer: sgd}` or `when: {optimizer: [sgd, adam]}`. */
export function readConditions(when: unknown, path: Path, problems: Problem[]): readonly Condition[] {
  if (when === undefined) return [];
  if (typeof when !== 'object' || when === null || Array.isArray(when) || Object.keys(when).length === 0) {
    const message = `expected a map such as {optimizer: sgd}, found ${kindOf(when)}`;
    problems.push({ path, message, wrong: 'value' });
    return [];
  }
  return Object.entries(when).map(([name, value]: [string, unknown]) => {
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (values.length === 0) {
      const message = 'expected a value or a list with at least one item, found none';
      problems.push({ path: [...path, name], message, wrong: 'value' });
    }
    return { name, values };
  });
}

/** Conditions that hold where both lists do. */
export function both(one: readonly Condition[], other: readonly Condition[]): readonly Condition[] {
  const fresh = other.filter(({ name }) => one.every((condition) => condition.name !== name));
  const kept = one.map(({ name, values }) => {
    const also = other.find((condition) => condition.name === name)?.values;
    return { name, values: also ? values.filter((value) => also.some((item) => same(item, value))) : values };
  });
  return [...kept, ...fresh];
}

/**
 * What is wrong with the conditions of a whole space: names that nobody has, values that never come, circles.
 *
 * @param names - Of all parameters, those whose distribution could not be read too.
 */
export function checkConditions(parameters: readonly Conditional[], names: readonly string[]): Problem[] {
  const known = new Map(parameters.map((parameter) => [parameter.name, parameter]));
  const problems = parameters.flatMap(({ when = [], path }) =>
    when.flatMap(({ name, values }): Problem[] => {
      const at = [...path, 'when', name];
      if (!names.includes(name)) {
        return [{ path: at, message: `no such parameter${didYouMean(name, names)}`, wrong: 'key' }];
      }
      const listed = listOf(known.get(name)?.distribution);
      if (listed === undefined || values.every((value) => listed.some((one) => same(one, value)))) return [];
      const message = `${name} never has it; expected some of its values`;
      return [{ path: at, message, wrong: 'value' }];
    }),
  );
  const ordered = parentsFirst(parameters);
  const circling = parameters.filter((parameter) => !ordered.includes(parameter));
  return [
    ...problems,
    ...circling.map(({ path, when = [] }): Problem => {
      const others = when.map(({ name }) => name).join(', ');
      const message = `depends on ${others}, and so in a circle on itself`;
      return { path: [...path, 'when'], message, wrong: 'value' };
    }),
  ];
}

/** Parameters in an order in which each comes after those that it depends on; without those in a circle. */
export function parentsFirst<T extends Conditional>(parameters: readonly T[]): readonly T[] {
  const names = new Set(parameters.map(({ name }) => name));
  const placed = new Set<string>();
  const ordered: T[] = [];
  let left = [...parameters];
  for (;;) {
    const ready = left.filter(({ when = [] }) =>
      when.every(({ name }) => placed.has(name) || !names.has(name)),
    );
    if (ready.length === 0) return ordered;
    ordered.push(...ready);
    for (const { name } of ready) placed.add(name);
    left = left.filter((parameter) => !ready.includes(parameter));
  }
}

/** Whether a parameter is asked for, given what the ones it depends on have. */
export function isAskedFor(
  { when = [] }: { readonly when?: readonly Condition[] },
  given: Readonly<Record<string, unknown>>,
): boolean {
  return when.every(
    ({ name, values }) => Object.hasOwn(given, name) && values.some((value) => same(value, given[name])),
  );
}

/** Equality of what JSON can hold. */
export function same(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

/** The values of a distribution that lists them. */
export function listOf(distribution: Distribution | undefined): readonly unknown[] | undefined {
  if (distribution === undefined) return undefined;
  if ('values' in distribution) return distribution.values;
  return distribution.distribution === 'constant' ? [distribution.value] : undefined;
}
