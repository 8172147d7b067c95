import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express, { type Express } from 'express';
import request from 'supertest';
import { createApp } from '../../api/app';
import { openApiKeys } from '../../api/guard/api-keys';
import { clientOf } from '../../api/guard/client-address';
import { createGuard } from '../../api/guard/guard';
import { createRateLimit } from '../../api/guard/rate-limit';
import { readSettings, type Settings } from '../../contracts/schemas/settings';
import { sha256 } from '../../lib/storage/refs';
import { colorModel } from './color-model';
import { listeningLogger, openServedRegistry, picture, type ServedRegistry } from './served';

const limits = { maxUploadBytes: 20_000 };
const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString();
const entry = (name: string, key: string, more: object = {}) => ({
  ...{ name, sha256: sha256(key), created: day(-10) },
  ...more,
});

let served: ServedRegistry;
let models: ReturnType<ServedRegistry['follow']>;
let folder: string;
let log: ReturnType<typeof listeningLogger>;
let red: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-guard-'));
  served = await openServedRegistry();
  await served.register(colorModel(), ['red', 'green', 'blue']);
  await served.promote(1);
  log = listeningLogger();
  models = served.follow();
  await models.check();
  red = await picture('red');
});

afterAll(async () => {
  await served.close();
  await rm(folder, { recursive: true });
});

/** An app that is guarded as variables of the environment have it. */
async function guarded(environment: Record<string, string>): Promise<Express> {
  const settings: Settings = readSettings(environment, folder);
  const guard = await createGuard({ settings: settings.guard, logger: log.logger });
  return createApp({ models, logger: log.logger, limits, guard });
}

async function keysFile(name: string, keys: readonly object[]): Promise<string> {
  await writeFile(join(folder, name), JSON.stringify({ keys }));
  return name;
}

const ask = (app: Express) => request(app).post('/get_prediction').attach('image', red, 'red.png');

describe('API keys', () => {
  let app: Express;

  beforeAll(async () => {
    const file = await keysFile('keys.json', [
      entry('shop', 'old-key'),
      entry('shop', 'new-key', { expires: day(1) }),
      entry('late', 'expired-key', { expires: day(-1) }),
      entry('gone', 'revoked-key', { revoked: day(-1) }),
    ]);
    app = await guarded({ DROVER_API_KEYS: file, DROVER_API_KEYS_ALSO: 'metrics' });
  });

  it.each([
    ['as a bearer', 'Authorization', 'Bearer old-key'],
    ['in X-Api-Key', 'X-Api-Key', 'old-key'],
    ['made later for the same name', 'Authorization', 'bearer new-key'],
  ])(
    'open predictions to a key %s, whose name the log holds, and never the key',
    async (_, header, value) => {
      const answer = await ask(app).set(header, value);
      expect(answer.status).toBe(200);
      const lines = log.lines().filter(({ requestId }) => requestId === answer.headers['x-request-id']);
      expect(lines).toContainEqual(expect.objectContaining({ message: 'answered', by: 'shop' }));
      expect(JSON.stringify(lines)).not.toMatch(/(old|new)-key/);
    },
  );

  it.each([
    ['no key', {}],
    ['an unknown key', { Authorization: 'Bearer other-key' }],
    ['an expired key', { Authorization: 'Bearer expired-key' }],
    ['a revoked key', { 'X-Api-Key': 'revoked-key' }],
    ['a digest in place of its key', { 'X-Api-Key': sha256('old-key') }],
    ['a key of another scheme', { Authorization: 'Basic old-key' }],
    ['an empty key', { 'X-Api-Key': '' }],
  ])('refuse %s with 401 and what is expected', async (_, headers: Record<string, string>) => {
    const answer = await ask(app).set(headers);
    expect(answer.status).toBe(401);
    expect(answer.body.type).toBe('/problems/token-refused');
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm="drover"/);
    expect(JSON.stringify(log.lines())).not.toMatch(/(other|expired|revoked)-key/);
  });

  it.each([
    ['POST', '/get_prediction'],
    ['POST', '/GET_prediction/'],
    ['POST', '/v1/predictions'],
    ['POST', '/V1/Predictions/'],
    ['POST', '/v1/predictions/6f0c5a8e-3a52-4c11-9d0e-5f6f4c6f5f10/feedback'],
    ['GET', '/v1/model'],
    ['GET', '/v1/model/'],
    ['GET', '/v1/./model'],
    ['HEAD', '/v1/model'],
    ['GET', '/metrics'],
  ])('close %s %s, however it is written', async (method, path) => {
    const send = request(app);
    const sent = method === 'POST' ? send.post(path) : method === 'HEAD' ? send.head(path) : send.get(path);
    expect((await sent).status).toBe(401);
  });

  it.each(['/', '/healthz', '/readyz', '/docs', '/openapi.json', '/problems/busy'])(
    'leave %s open',
    async (path) => {
      expect((await request(app).get(path)).status).toBe(200);
    },
  );

  it('have their name kept with the predictions', async () => {
    const seen: unknown[] = [];
    const spied: typeof models = {
      ...models,
      use: (id, work) =>
        models.use(id, (model) =>
          work({
            ...model,
            answer: (bytes, options) => {
              seen.push(options.by);
              return model.answer(bytes, options);
            },
          }),
        ),
    };
    const settings = readSettings({ DROVER_API_KEYS: 'keys.json' }, folder);
    const guard = await createGuard({ settings: settings.guard, logger: log.logger });
    const own = createApp({ models: spied, logger: log.logger, limits, guard });
    expect((await ask(own).set('X-Api-Key', 'old-key')).status).toBe(200);
    expect(
      (await request(own).post('/v1/predictions').set('X-Api-Key', 'new-key').attach('image', red, 'a.png'))
        .status,
    ).toBe(200);
    expect(seen).toEqual(['shop', 'shop']);
  });

  it('follow their file: a new key opens, a revoked one no longer; a broken file changes nothing', async () => {
    const file = join(folder, await keysFile('changing.json', [entry('a', 'key-a')]));
    const seen = listeningLogger();
    let now = Date.now();
    const keys = await openApiKeys({ file, logger: seen.logger, now: () => now });
    const later = async (content: string) => {
      await writeFile(file, content);
      now += 1000;
      // So that it is another time, however coarse the file system's clock is.
      await utimes(file, now / 1000, now / 1000);
    };
    expect([keys.nameOf('key-a'), keys.nameOf('key-b')]).toEqual(['a', undefined]);
    await later(JSON.stringify({ keys: [entry('a', 'key-a', { revoked: day(-1) }), entry('b', 'key-b')] }));
    expect([keys.nameOf('key-a'), keys.nameOf('key-b')]).toEqual([undefined, 'b']);
    await later('{"keys": [ drover_secret');
    for (let look = 0; look < 3; look += 1) {
      now += 1000;
      expect(keys.nameOf('key-b')).toBe('b');
    }
    const errors = seen.lines().filter(({ level }) => level === 'error');
    expect(errors).toHaveLength(1);
    expect(JSON.stringify(errors)).not.toContain('drover_secret');
    await rm(file);
    now += 1000;
    expect(keys.nameOf('key-b')).toBe('b');
  });

  it('are read again when their file can be, though nothing of it has changed', async () => {
    const [before, after] = [[entry('a', 'key-a')], [entry('b', 'key-b')]].map((keys) =>
      JSON.stringify({ keys }),
    );
    const file = join(folder, 'unreadable.json');
    await writeFile(file, before ?? '');
    const seen = listeningLogger();
    let now = Date.now();
    const keys = await openApiKeys({ file, logger: seen.logger, now: () => now });
    for (const content of ['?'.repeat(after?.length ?? 0), after ?? '']) {
      await writeFile(file, content);
      // Of the same size, and of the same time.
      await utimes(file, 1e9, 1e9);
      for (let look = 0; look < 2; look += 1) {
        now += 1000;
        expect(keys.nameOf('key-b')).toBe(content === after ? 'b' : undefined);
      }
    }
    expect(seen.lines().filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  it('may be written in YAML', async () => {
    const [key] = [entry('yaml', 'key-y')];
    const file = join(folder, 'keys.yaml');
    await writeFile(
      file,
      `keys:\n  - name: ${key.name}\n    sha256: ${key.sha256}\n    created: ${key.created}\n`,
    );
    const keys = await openApiKeys({ file, logger: log.logger });
    expect(keys.nameOf('key-y')).toBe('yaml');
  });

  it.each([
    ['missing', undefined, /cannot be read \(ENOENT\)/],
    ['no JSON', '{"keys": [drover_abc', /cannot be read as JSON/],
    ['a list of keys themselves', '{"keys": ["drover_abc"]}', /not as expected at keys\.0/],
  ])('are no start where their file is %s, and no key is repeated', async (_, content, message) => {
    if (content !== undefined) await writeFile(join(folder, 'broken.json'), content);
    const opened = guarded({ DROVER_API_KEYS: content === undefined ? 'none.json' : 'broken.json' });
    await expect(opened).rejects.toMatchObject({ type: 'configuration-invalid' });
    await expect(opened).rejects.toThrow(message);
    await expect(opened).rejects.not.toThrow(/drover_abc/);
  });
});

describe('limits of requests', () => {
  it('count each key by itself, say what is left, and ask to come back', async () => {
    const file = await keysFile('limited.json', [entry('one', 'key-1'), entry('two', 'key-2')]);
    const app = await guarded({ DROVER_API_KEYS: file, DROVER_RATE_LIMIT: '2/h' });
    const as = (key: string) => request(app).get('/v1/model').set('X-Api-Key', key);
    const first = await as('key-1');
    expect(first.headers['ratelimit-policy']).toBe('"requests";q=2;w=3600');
    expect(first.headers['ratelimit']).toBe('"requests";r=1;t=3600');
    expect((await as('key-1')).status).toBe(200);
    const third = await as('key-1');
    expect(third.status).toBe(429);
    expect(third.body).toMatchObject({ type: '/problems/rate-limited', status: 429 });
    expect(Number(third.headers['retry-after'])).toBeGreaterThan(3000);
    expect((await as('key-2')).status).toBe(200);
  });

  it('count those whose key is refused by their address', async () => {
    const app = await guarded({
      ...{ DROVER_API_KEYS: 'limited.json', DROVER_RATE_LIMIT: '2/h' },
    });
    const statuses: number[] = [];
    for (const key of ['guess-1', 'guess-2', 'guess-3']) {
      statuses.push((await request(app).get('/v1/model').set('X-Api-Key', key)).status);
    }
    expect(statuses).toEqual([401, 401, 429]);
  });

  it('count nothing on the pages and the health', async () => {
    const app = await guarded({ DROVER_RATE_LIMIT: '1/h' });
    for (let n = 0; n < 3; n += 1) expect((await request(app).get('/healthz')).status).toBe(200);
  });

  it('believe X-Forwarded-For of trusted proxies alone', async () => {
    const statuses = async (environment: Record<string, string>) => {
      const app = await guarded({ DROVER_RATE_LIMIT: '1/h', ...environment });
      const from = async (client: string) =>
        (await request(app).get('/v1/model').set('X-Forwarded-For', client)).status;
      return [await from('198.51.100.1'), await from('198.51.100.2'), await from('198.51.100.2')];
    };
    expect(await statuses({})).toEqual([200, 429, 429]);
    expect(await statuses({ DROVER_TRUSTED_PROXIES: '10.0.0.0/8' })).toEqual([200, 429, 429]);
    expect(await statuses({ DROVER_TRUSTED_PROXIES: '127.0.0.0/8, ::1' })).toEqual([200, 200, 429]);
  });

  it('tell so many clients apart and no more: those beyond share one count', async () => {
    const limit = await createRateLimit({ requests: 1, seconds: 3600, mostClients: 2 });
    const app = express()
      .set('trust proxy', true)
      .use(limit)
      .get('/', (_, response) => void response.end());
    const statuses: number[] = [];
    for (const client of ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4', '192.0.2.1']) {
      statuses.push((await request(app).get('/').set('X-Forwarded-For', client)).status);
    }
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
  });

  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::203.0.113.7', '64:ff9b:0:0::/64'],
    [undefined, 'unknown'],
  ])('take %s for the client %s', (address, client) => {
    expect(clientOf(address)).toBe(client);
  });
});

describe('pages of other origins', () => {
  const shop = 'https://shop.example';
  const strange = { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' };

  it('get nothing where no origin is named, and may post nothing', async () => {
    const app = await guarded({});
    const read = await request(app).get('/v1/model').set(strange);
    expect(Object.keys(read.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    const posted = await ask(app).set(strange);
    expect([posted.status, posted.body.type]).toEqual([403, '/problems/origin-refused']);
    expect((await ask(app).set({ Origin: 'http://own', 'Sec-Fetch-Site': 'same-origin' })).status).toBe(200);
  });

  it.each([
    ['its own', { Origin: 'http://nas.lan:8080', Host: 'nas.lan:8080' }, 200],
    [
      'its own, in letters and with a port that say the same',
      { Origin: 'http://nas.lan', Host: 'NAS.lan:80' },
      200,
    ],
    [
      'its own, behind a trusted proxy',
      { Origin: 'https://nas.lan', Host: 'api', 'X-Forwarded-Host': 'nas.lan' },
      200,
    ],
    ['one that is listed', { Origin: shop, Host: 'nas.lan' }, 200],
    ['none: it is no browser', { Host: 'nas.lan' }, 200],
    ['another host', { Origin: 'http://evil.example', Host: 'nas.lan' }, 403],
    ['another port', { Origin: 'http://nas.lan:3000', Host: 'nas.lan:8080' }, 403],
    ['one that hides', { Origin: 'null', Host: 'nas.lan' }, 403],
  ])('are told by their origin where the browser says no more: %s', async (_, headers, status) => {
    const app = await guarded({ DROVER_CORS_ORIGINS: shop, DROVER_TRUSTED_PROXIES: '127.0.0.0/8 ::1' });
    expect((await ask(app).set(headers)).status).toBe(status);
  });

  it('are not told by what a proxy says that nobody trusts', async () => {
    const claimed = { Origin: 'http://evil.example', Host: 'nas.lan', 'X-Forwarded-Host': 'evil.example' };
    expect((await ask(await guarded({})).set(claimed)).status).toBe(403);
  });

  it('may ask where their very origin is named: with a preflight, without credentials, also when refused', async () => {
    const app = await guarded({ DROVER_CORS_ORIGINS: `${shop} http://localhost:3000` });
    const preflight = await request(app)
      .options('/get_prediction')
      .set({ Origin: shop, 'Access-Control-Request-Method': 'POST' });
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': shop,
      'access-control-allow-methods': 'GET, POST',
      'access-control-allow-headers': expect.stringContaining('Authorization'),
      vary: expect.stringContaining('Origin'),
    });
    expect(preflight.headers['access-control-allow-credentials']).toBeUndefined();
    const refused = await request(app)
      .post('/get_prediction')
      .set({ Origin: shop, 'Sec-Fetch-Site': 'cross-site' });
    expect([refused.status, refused.headers['access-control-allow-origin']]).toEqual([400, shop]);
    for (const other of ['https://evil.example', `${shop}.evil.example`, 'http://shop.example', 'null']) {
      const answer = await request(app).get('/v1/model').set('Origin', other);
      expect(answer.headers['access-control-allow-origin']).toBeUndefined();
      expect(answer.headers['vary']).toContain('Origin');
    }
  });
});

describe('security headers', () => {
  it('stand on pages, answers and refusals alike', async () => {
    const app = await guarded({});
    for (const path of ['/', '/v1/model', '/nothing-here']) {
      const { headers } = await request(app).get(path);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'cross-origin-resource-policy': 'same-origin',
        'cross-origin-opener-policy': 'same-origin',
        'cache-control': 'no-store',
        'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
      });
      expect(headers['x-powered-by']).toBeUndefined();
    }
  });
});

it.each([
  ['DROVER_RATE_LIMIT', '0/s'],
  ['DROVER_RATE_LIMIT', 'ten'],
  ['DROVER_TRUSTED_PROXIES', '10.0.0.0/33'],
  ['DROVER_TRUSTED_PROXIES', 'all'],
  ['DROVER_CORS_ORIGINS', '*'],
  ['DROVER_CORS_ORIGINS', 'https://shop.example/'],
  ['DROVER_API_KEYS_ALSO', 'health'],
  ['DROVER_URL_HOSTS', 'https://example.org'],
])('the setting %s=%s is refused by its name', (name, value) => {
  expect(() => readSettings({ [name]: value }, folder)).toThrow(name);
});
