import { Failure } from '../../contracts/failures';
import { nameSchema } from '../../contracts/schemas/pipeline';

const aliasName = /^[A-Za-z0-9_-]{1,64}$/;
/** They would read as versions: `latest`, `v3`, `3`. */
const reservedAlias = /^(latest|newest|v?\d+)$/i;
/** What promotions move, or what would be untrue as soon as another version comes; nobody sets them by hand. */
const notByHand: ReadonlySet<string> = new Set(['champion', 'previous', 'current', 'best']);

export const modelsPrefix = 'models/';

/** @throws Failure `request-invalid` */
function modelPrefix(name: string): string {
  if (nameSchema.safeParse(name).success) return `${modelsPrefix}${name}/`;
  throw new Failure(
    'request-invalid',
    `${JSON.stringify(name.slice(0, 100))} is no model's name: lower-case letters, digits, - and _ were ` +
      'expected, at most 63, beginning with a letter or digit.',
  );
}

export function versionsPrefix(name: string): string {
  return `${modelPrefix(name)}versions/`;
}

/** @throws Failure `request-invalid` where the version is not a whole number from 1. */
export function versionPrefix(name: string, version: number): string {
  if (Number.isSafeInteger(version) && version >= 1) return `${versionsPrefix(name)}${version}/`;
  throw new Failure(
    'request-invalid',
    `${version} is no version of ${name}: a whole number from 1 was expected.`,
  );
}

export function versionKey(name: string, version: number): string {
  return `${versionPrefix(name, version)}version.json`;
}

export function numbersKey(name: string): string {
  return `${modelPrefix(name)}numbers.json`;
}

/** @throws Failure `request-invalid` where the alias could be taken for a version, or for a path. */
export function aliasKey(name: string, alias: string): string {
  if (aliasName.test(alias) && !reservedAlias.test(alias)) return `${modelPrefix(name)}aliases/${alias}.json`;
  throw new Failure(
    'request-invalid',
    `${JSON.stringify(alias.slice(0, 100))} is no alias: 1 to 64 letters, digits, - and _ were expected, ` +
      'other than latest, newest, and a number with or without v.',
  );
}

/**
 * @throws Failure `request-invalid` where the alias is not a person's to set or take away
 */
export function requireByHand(alias: string): void {
  if (!notByHand.has(alias.toLowerCase())) return;
  const moved = /^champion$/i.test(alias)
    ? 'it is moved by npx drover promote and npx drover rollback'
    : 'it would say something that is not checked';
  throw new Failure(
    'request-invalid',
    `The alias ${alias} is not set by hand: ${moved}. Choose another name.`,
  );
}

export function aliasesPrefix(name: string): string {
  return `${modelPrefix(name)}aliases/`;
}

/** The alias whose document a key names, or undefined. */
export function parseAliasKey(key: string): string | undefined {
  return /^models\/[^/]+\/aliases\/([A-Za-z0-9_-]{1,64})\.json$/.exec(key)?.[1];
}

/** The model and version whose `version.json` a key names, or undefined. */
export function parseVersionKey(key: string): { name: string; version: number } | undefined {
  const match = /^models\/([^/]+)\/versions\/([1-9]\d*)\/version\.json$/.exec(key);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { name: match[1], version: Number(match[2]) };
}
