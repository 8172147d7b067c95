import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { openApiKeys } from '../../../api/guard/api-keys';
import { createApiKey, listApiKeys, revokeApiKeys } from '../../../cli/commands/api-keys';
import { Console } from '../../../cli/display/console';
import { plainColours } from '../../../cli/display/format';
import { createLogger } from '../../../lib/logging/logger';

let folder: string;
let file: string;
let written: string[];
const outside = () => ({ environment: {}, folder, program: 'drover' });

function out(): Console {
  const sink = { write: (text: string) => written.push(text) > 0 } as unknown as NodeJS.WriteStream;
  return new Console(sink, plainColours, false);
}

/** The key that it shows. */
async function create(name: string, expires?: string): Promise<string> {
  written = [];
  await createApiKey(name, expires === undefined ? {} : { expires }, outside(), out());
  return written.join('').split('\n')[0] ?? '';
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-keys-'));
  file = join(folder, '.drover', 'api-keys.json');
  written = [];
});

afterEach(async () => rm(folder, { recursive: true }));

const nameOf = async (key: string): Promise<string | undefined> => {
  const logger = createLogger({ level: 'error', service: 'test' });
  return (await openApiKeys({ file, logger })).nameOf(key);
};

it('a key is shown once, kept by its digest in a file of its owner alone, and opens the API', async () => {
  const key = await create('shop', '90d');
  expect(key).toMatch(/^drover_[\w-]{43}$/);
  expect(written.join('')).toContain('DROVER_API_KEYS=.drover/api-keys.json');
  expect(await readFile(file, 'utf8')).not.toContain(key.slice('drover_'.length));
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await nameOf(key)).toBe('shop');
  written = [];
  await listApiKeys({ json: true }, outside(), out());
  const [shown] = JSON.parse(written.join('')).keys;
  expect(shown).toMatchObject({ name: 'shop', state: 'holds' });
  expect(Date.parse(shown.expires) - Date.parse(shown.created)).toBe(90 * 86_400_000);
});

it('rotates: both keys of a name hold until the older is revoked; then until all are', async () => {
  const [older, newer, other] = [await create('shop'), await create('shop'), await create('other')];
  expect([await nameOf(older), await nameOf(newer)]).toEqual(['shop', 'shop']);
  await revokeApiKeys('shop', { older: true }, outside(), out());
  expect([await nameOf(older), await nameOf(newer)]).toEqual([undefined, 'shop']);
  await expect(revokeApiKeys('shop', { older: true }, outside(), out())).rejects.toThrow(/no older key/);
  await revokeApiKeys('shop', {}, outside(), out());
  expect([await nameOf(newer), await nameOf(other)]).toEqual([undefined, 'other']);
  await expect(revokeApiKeys('shop', {}, outside(), out())).rejects.toMatchObject({ type: 'not-found' });
});

it.each([
  ['Shop', undefined],
  ['../shop', undefined],
  ['shop', '0d'],
  ['shop', '90'],
  ['shop', '9999d'],
])('no key is made for the name %s and the time %s', async (name, expires) => {
  await expect(create(name, expires)).rejects.toMatchObject({ type: 'start-refused' });
});

it('a file that it did not write is left as it is', async () => {
  await create('shop');
  await writeFile(file, 'keys: []');
  await expect(create('shop')).rejects.toMatchObject({ type: 'configuration-invalid' });
  expect(await readFile(file, 'utf8')).toBe('keys: []');
});
