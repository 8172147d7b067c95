import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { createAdministrationApp } from '../../api/administration/app';
import { createLoginLimit } from '../../api/administration/login-limit';
import { createModelReader } from '../../api/models-page/read-models';
import { Failure } from '../../contracts/failures';
import { readHistory } from '../../lib/data/history';
import { readDecisions } from '../../lib/feedback/log';
import { createRegistry } from '../../lib/registry/registry';
import { createFolderStore } from '../../lib/storage/folder-store';
import { sha256 } from '../../lib/storage/refs';
import type { Store } from '../../lib/storage/store';
import { blocks, ingestPets, keepAnswers } from '../support/reviewed-store';
import { listeningLogger } from './served';

const tokens = { ada: 'a-token-of-adas-that-is-long', ben: 'a-token-of-bens-that-is-long' };
const own = { Host: 'localhost:8095', Origin: 'http://localhost:8095' };
const { logger } = listeningLogger();

let root = '';
let store: Store;
let app: Express;

async function createApp(limits?: Parameters<typeof createLoginLimit>[0], kept = store): Promise<Express> {
  return createAdministrationApp({
    administration: {
      pending: () => Promise.resolve([]),
      decide: () => Promise.resolve(),
      rollback: () => Promise.resolve(undefined),
    },
    ...{
      registry: createRegistry(kept),
      reader: createModelReader({ store: kept, fresh: 0 }),
      logger,
      store: kept,
    },
    principals: Object.entries(tokens).map(([name, token]) => ({ name, sha256: sha256(token) })),
    loginLimit: await createLoginLimit(limits),
  });
}

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'drover-review-'));
  store = createFolderStore(path.join(root, 'store'));
  await ingestPets(store);
  const said = [{ label: 'dog', by: '<b>eve</b>' }];
  await keepAnswers(store, root, [
    { picture: await blocks(101), said },
    { picture: await blocks(102), said },
    { picture: Buffer.from('<svg onload="alert(1)"/>'), said },
  ]);
  app = await createApp();
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function comeIn(who: keyof typeof tokens, on = app): Promise<string> {
  const answer = await request(on).post('/login').set(own).type('form').send({ token: tokens[who] });
  return answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
}

const look = (cookie: string, address = '/feedback/pets', on = app) =>
  request(on).get(address).set(own).set('Cookie', cookie);

const field = (text: string, name: string): string =>
  new RegExp(`name="${name}"\\s+value="([^"]*)"`).exec(text)?.[1] ?? '';

const send = (cookie: string, body: object, address = '/feedback/pets/decisions') =>
  request(app).post(address).set(own).set('Cookie', cookie).type('form').send(body);

describe('the review of feedback', () => {
  it('shows nothing, and takes nothing, before a token is shown', async () => {
    expect((await look('')).status).toBe(401);
    expect((await send('', { action: 'accept' })).status).toBe(401);
    expect((await send('', {}, '/feedback/pets/apply')).status).toBe(401);
    expect(await readDecisions(store, 'pets')).toEqual([]);
  });

  it('leads to the model that somebody has said something of', async () => {
    const cookie = await comeIn('ada');
    const answer = await look(cookie, '/feedback');
    expect(answer.headers['location']).toBe('/feedback/pets');
    expect((await look(cookie, '/feedback/..%2f..')).status).toBe(400);
  });

  it('leads there as soon as a store that was away is back', async () => {
    let away = true;
    const list: Store['list'] = (prefix) => {
      if (away) throw new Failure('storage-unavailable', 'The bucket is away.');
      return store.list(prefix);
    };
    const shaky = await createApp(undefined, { ...store, list });
    const cookie = await comeIn('ada', shaky);
    expect((await look(cookie, '/feedback', shaky)).status).toBe(503);
    away = false;
    expect((await look(cookie, '/feedback', shaky)).headers['location']).toBe('/feedback/pets');
  });

  it('shows what strangers sent as pixels alone, and what they call themselves as text', async () => {
    const cookie = await comeIn('ada');
    const first = await look(cookie);
    expect(first.text).toContain('This picture can&#39;t be shown'.replace('&#39;', "'"));
    expect(first.text).not.toMatch(/<svg onload|<b>eve/);
    const after = field(first.text, 'item');
    const second = await look(cookie, `/feedback/pets?after=${after}`);
    expect(second.text).toContain('src="data:image/jpeg;base64,');
    expect(second.headers['content-security-policy']).toMatch(/default-src 'none'.*script-src 'sha256-/);
    expect(second.headers['content-security-policy']).not.toContain('unsafe');
  });

  it('lets the first of two who look at one picture decide, and tells the other', async () => {
    const [ada, ben] = [await comeIn('ada'), await comeIn('ben')];
    const [hers, his] = [(await look(ada)).text, (await look(ben)).text];
    const wish = (text: string) => ({
      form: field(text, 'form'),
      item: field(text, 'item'),
      seen: field(text, 'seen'),
    });
    expect((await send(ada, { ...wish(hers), form: 'wrong', action: 'refuse' })).status).toBe(401);
    expect((await send(ada, { ...wish(hers), action: 'refuse' })).status).toBe(303);
    await send(ben, { ...wish(his), action: 'correct', label: 'cat' });
    expect((await look(ben)).text).toMatch(/ada has refused .* since you looked/);
    expect((await readDecisions(store, 'pets')).map(({ by, action }) => [by, action])).toEqual([
      ['ada', 'refuse'],
    ]);
  });

  it('makes what was accepted part of the dataset, and takes it out again', async () => {
    const cookie = await comeIn('ada');
    const { text } = await look(cookie);
    const form = field(text, 'form');
    await send(cookie, { form, item: field(text, 'item'), seen: '0', action: 'accept' });
    await send(cookie, { form }, '/feedback/pets/apply');
    const applied = await look(cookie);
    expect(applied.text).toContain('is the newest version: 1 added');
    expect(applied.text).toContain('in the dataset');
    expect(await readHistory(store, 'pets')).toHaveLength(2);
    await send(cookie, { form, item: field(text, 'item'), seen: '2', action: 'undo' });
    await send(cookie, { form }, '/feedback/pets/apply');
    expect((await look(cookie)).text).toContain('1 taken out');
  });

  it('refuses a form that is none of its own', async () => {
    const cookie = await comeIn('ada');
    const form = field((await look(cookie)).text, 'form');
    await send(cookie, { form, item: '../x', seen: 'y', action: 'explode' });
    expect((await look(cookie)).text).toContain('The form is not one of this page');
  });
});

describe('coming in', () => {
  const guess = (on: Express, token = 'wrong') =>
    request(on).post('/login').set(own).type('form').send({ token });

  it('is refused for a while after too many wrong tokens, the right one, too', async () => {
    const limited = await createApp({ perAddress: 3, inAll: 100, seconds: 600 });
    const wrong = [await guess(limited), await guess(limited), await guess(limited)];
    expect(wrong.map(({ status }) => status)).toEqual([401, 401, 401]);
    const refused = await guess(limited, tokens.ada);
    expect(refused.status).toBe(429);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(590);
    expect(refused.text).toContain('Too many tokens were wrong');
    expect(refused.headers['set-cookie']).toBeUndefined();
  });

  it('counts guesses that come at once', async () => {
    const limited = await createApp({ perAddress: 3, inAll: 100, seconds: 600 });
    const answers = await Promise.all(Array.from({ length: 12 }, () => guess(limited)));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(3);
  });

  it('forgets what somebody got wrong who then came in', async () => {
    const limited = await createApp({ perAddress: 3, inAll: 100, seconds: 600 });
    const tokensShown = ['wrong', 'wrong', tokens.ada, 'wrong', 'wrong', tokens.ada];
    const statuses: number[] = [];
    for (const token of tokensShown) statuses.push((await guess(limited, token)).status);
    expect(statuses).toEqual([401, 401, 303, 401, 401, 303]);
  });

  it('is limited in all, and no single address uses that up', async () => {
    const limit = await createLoginLimit({ perAddress: 2, inAll: 5, seconds: 600 });
    for (let at = 0; at < 50; at += 1) await limit.attempt('10.0.0.1');
    expect(await limit.attempt('10.0.0.2')).toBeUndefined();
    expect(await limit.attempt('2001:db8::1')).toBeUndefined();
    expect(await limit.attempt('2001:db8::2')).toBeUndefined();
    // One household's: the same first 64 bits.
    expect(await limit.attempt('2001:db8::3')).toBeGreaterThan(590);
    expect(await limit.attempt('10.0.0.3')).toBeGreaterThan(590);
  });
});
