import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Express } from 'express';
import request from 'supertest';
import { createAdministrationApp } from '../../api/administration/app';
import { createLoginLimit } from '../../api/administration/login-limit';
import type { Administration, PendingPromotion } from '../../api/administration/administration';
import { createSessions } from '../../api/administration/sessions';
import { createModelReader } from '../../api/models-page/read-models';
import { Failure } from '../../contracts/failures';
import type { Registry } from '../../lib/registry/registry';
import { createFolderStore } from '../../lib/storage/folder-store';
import { sha256 } from '../../lib/storage/refs';
import type { Store } from '../../lib/storage/store';
import { registerWithFigures } from '../support/registry-with-figures';
import { listeningLogger } from './served';

const token = 'a-token-of-adas-that-is-long';
const own = { Host: 'localhost:8095', Origin: 'http://localhost:8095' };

let root = '';
let store: Store;
let registry: Registry;
let app: Express;
let done: unknown[][] = [];
let pending: () => Promise<readonly PendingPromotion[]>;
let clock = 0;
let log: ReturnType<typeof listeningLogger>;

beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'drover-admin-'));
  store = createFolderStore(root);
  registry = await registerWithFigures(store, ['one', 'two']);
  done = [];
  clock = 0;
  pending = () => Promise.resolve([{ workflow: 'promote-animals-v2', model: 'animals', version: 2 }]);
  log = listeningLogger();
  const administration: Administration = {
    pending: () => pending(),
    decide: async (...given) => void done.push(given),
    rollback: async (...given) => {
      done.push(given);
      return 1;
    },
  };
  app = createAdministrationApp({
    ...{ administration, registry, logger: log.logger, store, loginLimit: await createLoginLimit() },
    reader: createModelReader({ store, fresh: 0 }),
    principals: [
      { name: 'ada', sha256: sha256(token) },
      { name: 'ben', sha256: sha256('another-token-of-bens') },
    ],
    names: ['admin.example.com'],
    sessions: createSessions(() => clock),
  });
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function comeIn(shown = token): Promise<{ cookie: string; form: string }> {
  const answer = await request(app).post('/login').set(own).type('form').send({ token: shown });
  const cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  const { text } = await request(app).get('/').set(own).set('Cookie', cookie);
  return { cookie, form: /name="form" value="([^"]+)"/.exec(text)?.[1] ?? '' };
}

const post = (address: string, cookie: string, body: object, headers: object = own) =>
  request(app)
    .post(address)
    .set({ ...headers })
    .set('Cookie', cookie)
    .type('form')
    .send(body);

const approve = { decision: 'approve', reason: 'looks right' };

describe('coming in', () => {
  it('shows nothing of what there is before a token is shown', async () => {
    const answer = await request(app).get('/').set(own);
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('type="password"');
    expect(answer.text).not.toContain('animals');
  });

  it.each(['', 'wrong', token.slice(1), `${token} `, sha256(token)])(
    'refuses the token %j',
    async (shown) => {
      const answer = await request(app).post('/login').set(own).type('form').send({ token: shown });
      expect(answer.status).toBe(401);
      expect(answer.headers['set-cookie']).toBeUndefined();
      expect(JSON.stringify(log.lines())).not.toContain(shown === '' ? token : shown);
    },
  );

  it('leads whoever looks in a browser to the login, and from there to what they have asked for', async () => {
    const asked = await request(app).get('/feedback/animals?after=1').set(own).set('Accept', 'text/html,*/*');
    const login = asked.headers['location'] ?? '';
    expect([asked.status, login]).toEqual([303, '/?to=%2Ffeedback%2Fanimals%3Fafter%3D1']);
    const to = /name="to" value="([^"]+)"/.exec((await request(app).get(login).set(own)).text)?.[1];
    expect(to).toBe('/feedback/animals?after=1');
    const wrong = await request(app).post('/login').set(own).type('form').send({ token: 'wrong', to });
    expect(wrong.text).toContain(`name="to" value="${to}"`);
    const right = await request(app).post('/login').set(own).type('form').send({ token, to });
    expect([right.status, right.headers['location']]).toEqual([303, to]);
  });

  it.each([
    '//evil.example',
    '/\\evil.example',
    '/.//evil.example',
    '/\t/evil.example',
    'https://evil.example',
  ])('leads to %j never', async (to) => {
    const answer = await request(app).post('/login').set(own).type('form').send({ token, to });
    expect([answer.status, answer.headers['location']]).toEqual([303, '/']);
  });

  it('gives a cookie that no script reads and no other site sends, for eight hours', async () => {
    const answer = await request(app).post('/login').set(own).type('form').send({ token });
    expect(answer.status).toBe(303);
    expect(answer.headers['set-cookie']?.[0]).toMatch(
      /^drover_admin=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=28800$/,
    );
    const { cookie } = await comeIn();
    expect((await request(app).get('/').set(own).set('Cookie', cookie)).text).toContain('promote-animals-v2');
    clock += 8 * 3_600_000;
    expect((await request(app).get('/').set(own).set('Cookie', cookie)).text).not.toContain('animals');
  });

  it('gives a cookie that goes over TLS alone where it is reached over a network', async () => {
    const headers = { Host: 'admin.example.com', Origin: 'https://admin.example.com' };
    const answer = await request(app).post('/login').set(headers).type('form').send({ token });
    expect(answer.headers['set-cookie']?.[0]).toContain('; Secure;');
  });

  it('ends when one leaves', async () => {
    const { cookie, form } = await comeIn();
    await post('/logout', cookie, { form });
    expect((await request(app).get('/').set(own).set('Cookie', cookie)).text).not.toContain('animals');
  });
});

describe('what is done', () => {
  it.each([
    [
      'a decision',
      '/promotions/promote-animals-v2',
      approve,
      ['promote-animals-v2', 'approve', { by: 'ada', reason: 'looks right' }],
    ],
    [
      'rolling back',
      '/models/animals/rollback',
      { version: '', reason: 'worse' },
      ['animals', undefined, { by: 'ada', reason: 'worse' }],
    ],
    [
      'rolling back to a version',
      '/models/animals/rollback',
      { version: '1', reason: 'worse' },
      ['animals', 1, { by: 'ada', reason: 'worse' }],
    ],
  ])('%s is in the name of the token, whatever the form says', async (_, address, body, expected) => {
    const { cookie, form } = await comeIn();
    const answer = await post(address, cookie, { ...body, form, by: 'mallory' });
    expect([answer.status, answer.headers['location']]).toEqual([303, '/']);
    expect(done).toEqual([expected]);
  });

  it('a name for a version goes into its history with who and why, and can be taken away', async () => {
    const { cookie, form } = await comeIn('another-token-of-bens');
    await post('/models/animals/alias', cookie, { form, alias: 'staging', version: '2', reason: 'to try' });
    expect((await registry.alias('animals', 'staging'))?.alias.history).toMatchObject([
      { version: 2, by: 'ben', reason: 'to try' },
    ]);
    await post('/models/animals/alias', cookie, { form, alias: 'staging', remove: 'yes', reason: 'tried' });
    expect(await registry.alias('animals', 'staging')).toBeUndefined();
  });

  it('is never the champion by hand', async () => {
    const { cookie, form } = await comeIn();
    await post('/models/animals/alias', cookie, { form, alias: 'champion', version: '2', reason: 'mine' });
    expect(await registry.alias('animals', 'champion')).toBeUndefined();
    const { text } = await request(app).get('/').set(own).set('Cookie', cookie);
    expect(text).toContain('is not set by hand');
  });

  it.each([
    ['no reason', { ...approve, reason: ' ' }],
    ['another word', { ...approve, decision: 'destroy' }],
  ])('is nothing where there is %s', async (_, body) => {
    const { cookie, form } = await comeIn();
    await post('/promotions/promote-animals-v2', cookie, { ...body, form });
    expect(done).toEqual([]);
  });
});

describe('another site', () => {
  it.each([
    ['comes from it', { ...own, Origin: 'https://evil.example' }],
    ['comes from another port', { ...own, Origin: 'http://localhost:8080' }],
    ['says no origin', { Host: own.Host }],
    ['has an opaque origin', { ...own, Origin: 'null' }],
    ['is cross-site', { ...own, 'Sec-Fetch-Site': 'cross-site' }],
    ['is same-site only', { ...own, 'Sec-Fetch-Site': 'same-site' }],
    ['leads a name of its own here', { Host: 'evil.example:8095', Origin: 'http://evil.example:8095' }],
  ])('does nothing where the request %s', async (_, headers) => {
    const { cookie, form } = await comeIn();
    const answer = await post('/promotions/promote-animals-v2', cookie, { ...approve, form }, headers);
    expect(answer.status).toBe(400);
    expect(done).toEqual([]);
  });

  it('reads nothing by a name of its own that leads here', async () => {
    const { cookie } = await comeIn();
    const answer = await request(app).get('/').set('Host', 'evil.example').set('Cookie', cookie);
    expect(answer.status).toBe(400);
    expect(answer.text).not.toContain('animals');
    const known = await request(app).get('/').set('Host', 'admin.example.com').set('Cookie', cookie);
    expect(known.text).toContain('animals');
  });

  it.each([
    ['no cookie', async () => ({ ...(await comeIn()), cookie: '' })],
    ['no form token', async () => ({ ...(await comeIn()), form: '' })],
    ["another session's form token", async () => ({ ...(await comeIn()), form: (await comeIn()).form })],
  ])('does nothing with %s', async (_, given) => {
    const { cookie, form } = await given();
    const answer = await post('/promotions/promote-animals-v2', cookie, { ...approve, form });
    expect(answer.status).toBe(401);
    expect(done).toEqual([]);
  });

  it('cannot have anything done by a link', async () => {
    const { cookie } = await comeIn();
    for (const address of [
      '/promotions/promote-animals-v2',
      '/models/animals/rollback',
      '/logout',
      '/login',
    ]) {
      expect((await request(app).get(address).set(own).set('Cookie', cookie)).status).toBe(404);
    }
    expect(done).toEqual([]);
  });

  it('cannot frame the page, nor load or run anything in it', async () => {
    const { headers } = await request(app).get('/').set(own);
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'.*form-action 'self'; frame-ancestors 'none'$/,
    );
    expect(headers['content-security-policy']).not.toContain('script-src');
    expect(headers['cache-control']).toBe('no-store');
  });
});

describe('the page', () => {
  it('says that Temporal is away, and still shows the models', async () => {
    pending = () => Promise.reject(new Failure('temporal-unavailable', 'No server at 127.0.0.1:7233.'));
    const { cookie } = await comeIn();
    const { status, text } = await request(app).get('/').set(own).set('Cookie', cookie);
    expect(status).toBe(200);
    expect(text).toContain('Temporal does not answer');
    expect(text).toContain('animals');
  });

  it('says once what came of it', async () => {
    const { cookie, form } = await comeIn();
    await post('/models/animals/rollback', cookie, { form, version: '', reason: 'worse' });
    const look = async () => (await request(app).get('/').set(own).set('Cookie', cookie)).text;
    expect(await look()).toContain('The champion of animals is version 1.');
    expect(await look()).not.toContain('The champion of animals is version 1.');
  });
});
