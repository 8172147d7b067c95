import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { errorCode } from '../../contracts/error-code';
import { Failure } from '../../contracts/failures';
import { type ApiKey, type ApiKeyList, apiKeysSchema, holds } from '../../contracts/schemas/api-keys';
import { nameSchema } from '../../contracts/schemas/pipeline';
import { waitMilliseconds } from '../../contracts/waits';
import { sha256 } from '../../lib/storage/refs';
import type { Console } from '../display/console';
import { table } from '../display/table';
import { writePrivateJson } from '../private-file';
import { type Outside, type SettingFlags, settingsOf } from '../settings';

export interface CreateFlags extends SettingFlags {
  /** Such as `90d`. */
  readonly expires?: string;
}

export interface ListFlags extends SettingFlags {
  readonly json?: boolean;
}

export interface RevokeFlags extends SettingFlags {
  /** All keys of that name but the newest. */
  readonly older?: boolean;
}

interface Place {
  readonly file: string;
  /** The variable, as it is to be set; undefined where it is. */
  readonly toSet: string | undefined;
}

/** Whoever finds a key somewhere it should not be, such as a scanner of repositories, can tell what it is. */
const keyPrefix = 'drover_';
const keyBytes = 32;
const dayMs = 86_400_000;
const longestDays = 3660;

/**
 * Makes a key for somebody, beside those that they have, and shows it this once: its digest alone is kept.
 *
 * @throws Failure `start-refused` for a name or a time that can't be one; `configuration-invalid` for the file
 */
export async function createApiKey(
  name: string,
  flags: CreateFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  requireName(name);
  const now = Date.now();
  const expires = flags.expires === undefined ? undefined : expiry(flags.expires, now);
  const place = placeOf(flags, outside);
  const { keys } = await readKeys(place.file);
  const key = `${keyPrefix}${randomBytes(keyBytes).toString('base64url')}`;
  const created = new Date(now).toISOString();
  await writeKeys(place.file, {
    keys: [...keys, { name, sha256: sha256(key), created, ...(expires !== undefined && { expires }) }],
  });
  out.say(key);
  const until = expires === undefined ? 'until it is revoked' : `until ${expires.slice(0, 10)}`;
  out.say(
    out.colours.dim(
      `A key of ${name}, ${until}. It is shown this once: ${place.file} holds its digest alone.`,
    ),
  );
  if (place.toSet !== undefined) {
    out.say(out.colours.yellow(`The API asks for keys once it is started with ${place.toSet}`));
  }
}

/** @throws Failure `configuration-invalid` for the file */
export async function listApiKeys(flags: ListFlags, outside: Outside, out: Console): Promise<void> {
  const { file, toSet } = placeOf(flags, outside);
  const { keys } = await readKeys(file);
  const now = Date.now();
  const shown = keys.map((key) => ({
    ...{ name: key.name, digest: key.sha256.slice(0, 12), created: key.created },
    ...(key.expires !== undefined && { expires: key.expires }),
    ...(key.revoked !== undefined && { revoked: key.revoked }),
    state: stateOf(key, now),
  }));
  if (flags.json === true) {
    out.say(JSON.stringify({ file, keys: shown }, null, 2));
    return;
  }
  const day = (date: string | undefined): string => date?.slice(0, 10) ?? '–';
  const rows = shown.map((key) => [key.name, key.state, day(key.created), day(key.expires), key.digest]);
  if (rows.length === 0) out.say('There are no keys yet: drover api-keys create <name>');
  else for (const line of table(['name', 'state', 'created', 'expires', 'SHA-256'], rows)) out.say(line);
  if (toSet !== undefined) {
    out.say(out.colours.dim(`The API asks for keys once it is started with ${toSet}`));
  }
}

/**
 * From now on, a name's keys open nothing; an API that runs sees so within a second or two.
 *
 * @throws Failure `not-found` where the name has none that holds; `configuration-invalid` for the file
 */
export async function revokeApiKeys(
  name: string,
  flags: RevokeFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  const { file } = placeOf(flags, outside);
  const { keys } = await readKeys(file);
  const now = Date.now();
  const own = keys.filter((key) => key.name === name && holds(key, now));
  // Those made later stand further down.
  const taken = new Set(flags.older === true ? own.slice(0, -1) : own);
  if (taken.size === 0) {
    const which = flags.older === true && own.length > 0 ? 'no older key' : 'no key that holds';
    throw new Failure('not-found', `${name} has ${which}. See: drover api-keys ls`);
  }
  const revoked = new Date(now).toISOString();
  await writeKeys(file, { keys: keys.map((key) => (taken.has(key) ? { ...key, revoked } : key)) });
  out.say(`Revoked ${taken.size === 1 ? 'a key' : `${taken.size} keys`} of ${name}.`);
}

function stateOf(key: ApiKey, now: number): 'holds' | 'revoked' | 'expired' {
  if (holds(key, now)) return 'holds';
  return key.revoked === undefined ? 'expired' : 'revoked';
}

function requireName(name: string): void {
  if (nameSchema.safeParse(name).success) return;
  throw new Failure(
    'start-refused',
    'A name is lower-case letters, digits, - and _, at most 63: drover api-keys create shop.',
  );
}

function expiry(given: string, now: number): string {
  const ms = /^[1-9]\d{0,5}[mhd]$/.test(given) ? waitMilliseconds(given) : Number.NaN;
  if (!(ms <= longestDays * dayMs)) {
    throw new Failure(
      'start-refused',
      `Expected a time such as 90d or 12h after --expires, at most ${longestDays}d.`,
    );
  }
  return new Date(now + ms).toISOString();
}

function placeOf(flags: SettingFlags, outside: Outside): Place {
  const { home, project, guard } = settingsOf(flags, outside);
  if (guard.apiKeys !== undefined) return { file: guard.apiKeys, toSet: undefined };
  const file = join(home, 'api-keys.json');
  const near = relative(project, file);
  return { file, toSet: `DROVER_API_KEYS=${near.startsWith('..') ? file : near}` };
}

async function readKeys(file: string): Promise<ApiKeyList> {
  try {
    return apiKeysSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { keys: [] };
    throw new Failure(
      'configuration-invalid',
      `${file} can't be read as the JSON that this command writes. Where it was written by hand, change it by hand; else remove it, and make the keys anew.`,
    );
  }
}

async function writeKeys(file: string, list: ApiKeyList): Promise<void> {
  if (/\.ya?ml$/i.test(file)) {
    throw new Failure(
      'start-refused',
      `${file} is YAML, which is changed by hand. Name a .json file in DROVER_API_KEYS, and this command writes there.`,
    );
  }
  await writePrivateJson(file, apiKeysSchema.parse(list));
}
