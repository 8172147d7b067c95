import type { z } from 'zod';

type Schema = z.core.$ZodType;

/** The schema inside defaults and options, which are all of it that a reader of keys cares about. */
function unwrapped(schema: Schema): z.core.$ZodTypes {
  // Every schema that zod builds is one of these; only its public base type doesn't say so.
  const known = schema as z.core.$ZodTypes;
  const { def } = known._zod;
  switch (def.type) {
    case 'default':
    case 'prefault':
    case 'optional':
    case 'nullable':
    case 'readonly':
    case 'nonoptional':
      return unwrapped(def.innerType);
    default:
      return known;
  }
}

/** Keys that a map may have, with their schemas; a union's are those of all its members. */
function children(schema: Schema): ReadonlyMap<string, Schema> {
  const { def } = unwrapped(schema)._zod;
  if (def.type === 'object') {
    return new Map(
      Object.entries(def.shape).filter(([, child]) => unwrapped(child)._zod.def.type !== 'never'),
    );
  }
  if (def.type === 'union') return new Map(def.options.flatMap((option) => [...children(option)]));
  return new Map();
}

function below(schema: Schema, key: PropertyKey): Schema | undefined {
  const { def } = unwrapped(schema)._zod;
  if (def.type === 'array') return def.element;
  if (def.type === 'record') return def.valueType;
  return children(schema).get(String(key));
}

/**
 * The keys that the map at `path` may have; none where the schema knows no such map.
 *
 * @param value - What was written, which says which member of a union is meant.
 */
export function keysAt(schema: Schema, path: readonly PropertyKey[], value: unknown): string[] {
  let here: Schema | undefined = meant(schema, value);
  let found = value;
  for (const key of path) {
    found = property(found, key);
    const next: Schema | undefined = here && below(here, key);
    here = next && meant(next, found);
  }
  return here ? [...children(here).keys()] : [];
}

/** Of a union whose members name themselves (`type: hyperband`), the one that `value` names. */
function meant(schema: Schema, value: unknown): Schema {
  const { def } = unwrapped(schema)._zod;
  if (def.type !== 'union' || !('discriminator' in def) || typeof def.discriminator !== 'string')
    return schema;
  const { discriminator } = def;
  const name = property(value, discriminator);
  const member = def.options.find((option) => {
    const named = below(option, discriminator);
    const literal = named && unwrapped(named)._zod.def;
    return literal?.type === 'literal' && literal.values.some((one) => one === name);
  });
  return member ?? schema;
}

/** Of a map, or an item of a list; undefined where there is none. */
export function property(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([name]) => name === String(key))?.[1]
    : undefined;
}

/** The setting of that very key that lies least deep, by its dotted name; undefined where none does, or several as deep. */
export function settingOfKey(schema: Schema, key: string): string | undefined {
  const depth = (name: string): number => name.split('.').length;
  const found = settingNames(schema).filter((name) => name.endsWith(`.${key}`));
  const least = Math.min(...found.map(depth));
  const [name, ...others] = found.filter((each) => depth(each) === least);
  return others.length === 0 ? name : undefined;
}

/** Every setting by its dotted name, maps before what they hold: `network`, `network.dense`, … */
export function settingNames(schema: Schema): string[] {
  return [...children(schema)].flatMap(([key, child]) => [
    key,
    ...settingNames(child).map((name) => `${key}.${name}`),
  ]);
}
