import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Express } from 'express';
import request from 'supertest';
import { createApp } from '../../api/app';
import type { FollowedModel } from '../../api/models/follow-alias';
import type { ModelHolder } from '../../api/models/served-model';
import type { ModelVersion } from '../../contracts/schemas/registry';
import { colorModel } from './color-model';
import { listeningLogger, openServedRegistry, picture, type ServedRegistry } from './served';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const limits = { maxUploadBytes: 20_000 };

let served: ServedRegistry;
let version: ModelVersion;
let models: FollowedModel;
let app: Express;
let log: ReturnType<typeof listeningLogger>;

beforeAll(async () => {
  served = await openServedRegistry();
  version = await served.register(colorModel(), ['red', 'green', 'blue']);
  await served.promote(1);
  log = listeningLogger();
  models = served.follow({ logger: log.logger });
  await models.check();
  app = createApp({ models, logger: log.logger, limits });
});

afterAll(async () => served.close());

describe('POST /get_prediction', () => {
  it.each(['png', 'jpeg', 'webp'] as const)(
    'answers a %s in the field image with its class',
    async (format) => {
      const answer = await request(app)
        .post('/get_prediction')
        .attach('image', await picture('#10c020', format), `green.${format}`);
      expect(answer.status).toBe(200);
      expect(answer.body).toEqual({
        id: expect.stringMatching(uuid),
        prediction: 'green',
        probabilities: { green: expect.any(Number), blue: expect.any(Number), red: expect.any(Number) },
        model: { name: 'colors', version: 1, digest: version.model.onnx.sha256 },
      });
      expect(answer.headers['x-request-id']).toBe(answer.body.id);
    },
  );

  it('lists all classes, the likeliest first, with shares that add up to 1', async () => {
    const answer = await request(app)
      .post('/get_prediction')
      .attach('image', await picture('#4080ff'), 'blue.png');
    const shares: [string, number][] = Object.entries(answer.body.probabilities);
    expect(shares.map(([name]) => name)).toEqual(['blue', 'green', 'red']);
    expect(shares.reduce((sum, [, share]) => sum + share, 0)).toBeCloseTo(1, 5);
  });

  it('answers a raw body of an image type', async () => {
    const answer = await request(app)
      .post('/get_prediction')
      .set('Content-Type', 'image/png')
      .send(await picture('red'));
    expect(answer.status).toBe(200);
    expect(answer.body.prediction).toBe('red');
  });

  it('keeps a request under its id in the log', async () => {
    const answer = await request(app)
      .post('/get_prediction')
      .attach('image', await picture('red'), 'red.png');
    expect(log.lines()).toContainEqual(
      expect.objectContaining({
        message: 'answered',
        requestId: answer.body.id,
        path: '/get_prediction',
        status: 200,
      }),
    );
  });
});

describe('several pictures of one request', () => {
  it('have memory of their own each, for a thread is sent all that a view is of', async () => {
    const seen: Uint8Array[] = [];
    const spied: ModelHolder = {
      current: () => models.current(),
      use: (id, work) =>
        models.use(id, (model) =>
          work({
            ...model,
            answer: (bytes, options) => {
              seen.push(bytes);
              return model.answer(bytes, options);
            },
          }),
        ),
    };
    const [red, blue] = [await picture('red'), await picture('blue')];
    const answer = await request(createApp({ models: spied, logger: log.logger, limits }))
      .post('/v1/predictions')
      .attach('image', red, 'red.png')
      .attach('image', blue, 'blue.png');
    expect(answer.body.predictions).toMatchObject([{ prediction: 'red' }, { prediction: 'blue' }]);
    expect(seen.map(({ buffer }) => buffer.byteLength)).toEqual([red.length, blue.length]);
  });
});

describe('a bad request', () => {
  const post = () => request(app).post('/get_prediction');
  const boundary = 'multipart/form-data; boundary=x';
  const filled = (bytes: number) => Buffer.alloc(bytes, 1);
  const cases: [string, () => Promise<request.Response>, number, string, RegExp][] = [
    ['no body', async () => post(), 400, 'picture-missing', /no Content-Type.*"image"/],
    ['JSON', async () => post().send({ image: 'cat' }), 400, 'picture-missing', /application\/json/],
    [
      'an empty form',
      async () => post().set('Content-Type', boundary).send('--x--\r\n'),
      400,
      'picture-missing',
      /no field at all/,
    ],
    [
      'a form of text alone',
      async () => post().field('name', 'cat'),
      400,
      'picture-missing',
      /only the text of "name"/,
    ],
    [
      'text in the picture field',
      async () => post().field('image', 'cat.png'),
      400,
      'picture-field',
      /holds text/,
    ],
    [
      'another field',
      async () => post().attach('file', await picture('red'), 'a.png'),
      400,
      'picture-field',
      /"file".*"image"/,
    ],
    [
      'two pictures',
      async () =>
        post()
          .attach('image', await picture('red'), 'a.png')
          .attach('image', await picture('red'), 'b.png'),
      400,
      'request-invalid',
      /one picture/,
    ],
    [
      'a long field',
      async () => post().field('note', 'x'.repeat(5000)),
      400,
      'request-invalid',
      /"note" is too long/,
    ],
    [
      'many fields',
      async () =>
        Array.from({ length: 12 }, (_, n) => `f${n}`).reduce((sent, name) => sent.field(name, '1'), post()),
      400,
      'request-invalid',
      /malformed: it has more than|12 fields/,
    ],
    [
      'a form without boundary',
      async () => post().set('Content-Type', 'multipart/form-data').send('x'),
      400,
      'request-invalid',
      /names no boundary/,
    ],
    [
      'a form that is cut off',
      async () =>
        post()
          .set('Content-Type', boundary)
          .send('--x\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\nabc'),
      400,
      'request-invalid',
      /malformed: it is cut off/,
    ],
    [
      'text that says it is a picture',
      async () => post().attach('image', Buffer.from('I am a cat'), 'cat.png'),
      415,
      'picture-unreadable',
      /expected a picture/,
    ],
    [
      'an empty file',
      async () => post().attach('image', Buffer.alloc(0), 'cat.png'),
      415,
      'picture-unreadable',
      /./,
    ],
    [
      'half a picture',
      async () => post().attach('image', (await picture('red', 'jpeg')).subarray(0, 150), 'cat.jpg'),
      415,
      'picture-unreadable',
      /cut off or damaged/,
    ],
    [
      'an SVG',
      async () => post().attach('image', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'cat.svg'),
      415,
      'picture-unreadable',
      /./,
    ],
    [
      'a raw body that is no picture',
      async () => post().set('Content-Type', 'image/png').send(Buffer.from('cat')),
      415,
      'picture-unreadable',
      /./,
    ],
    [
      'an empty raw body',
      async () => post().set('Content-Type', 'image/png').send(Buffer.alloc(0)),
      400,
      'picture-missing',
      /./,
    ],
    [
      'a compressed raw body',
      async () => post().set('Content-Type', 'image/png').set('Content-Encoding', 'gzip').send(filled(10)),
      400,
      'request-invalid',
      /Content-Encoding/,
    ],
    [
      'a file over the limit',
      async () => post().attach('image', filled(limits.maxUploadBytes + 1), 'big.png'),
      413,
      'picture-too-large',
      /at most 20000 bytes/,
    ],
    [
      'a form far over the limit',
      async () => post().attach('image', filled(500_000), 'big.png'),
      413,
      'picture-too-large',
      /at most 20000 bytes/,
    ],
    [
      'a raw body over the limit',
      async () =>
        post()
          .set('Content-Type', 'image/png')
          .send(filled(limits.maxUploadBytes + 1)),
      413,
      'picture-too-large',
      /at most 20000 bytes/,
    ],
    [
      'an unknown path',
      async () => request(app).get('/get_predictions'),
      404,
      'not-found',
      /\/get_predictions/,
    ],
    ['an unknown problem', async () => request(app).get('/problems/constructor'), 404, 'not-found', /./],
    [
      'a malformed path',
      async () => request(app).get('/problems/%E0%A4%A'),
      400,
      'request-invalid',
      /malformed/,
    ],
    [
      'a method that the path lacks',
      async () => request(app).get('/get_prediction'),
      405,
      'method-refused',
      /it has POST/,
    ],
  ];

  it.each(cases)('of %s is answered by a problem document', async (_, send, status, type, detail) => {
    const answer = await send();
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
    expect(answer.body).toEqual({
      type: `/problems/${type}`,
      title: expect.any(String),
      status,
      detail: expect.stringMatching(detail),
      instance: `urn:uuid:${answer.headers['x-request-id'] ?? ''}`,
    });
    expect(answer.status).toBe(status);
  });

  it('of a wrong method names those that there are', async () => {
    expect((await request(app).get('/get_prediction')).headers['allow']).toBe('POST, OPTIONS');
    expect((await request(app).post('/healthz')).headers['allow']).toBe('GET, HEAD, OPTIONS');
    const options = await request(app).options('/get_prediction');
    expect([options.status, options.headers['allow']]).toEqual([204, 'POST, OPTIONS']);
  });

  it('has a type whose address explains it', async () => {
    const answer = await request(app).get('/problems/picture-too-large');
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^text\/plain/);
    expect(answer.text).toContain('HTTP status: 413');
  });
});

describe('beside predictions', () => {
  it('GET /v1/model says what answers', async () => {
    const answer = await request(app).get('/v1/model');
    expect(answer.body).toEqual({
      name: 'colors',
      version: 1,
      digest: version.model.onnx.sha256,
      classes: ['red', 'green', 'blue'],
      accuracy: 0.75,
      promotedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
  });

  it('is alive and ready', async () => {
    expect((await request(app).get('/healthz')).status).toBe(200);
    expect((await request(app).get('/readyz')).status).toBe(200);
  });

  it('serves a page whose own script and style its policy allows, and no other', async () => {
    const answer = await request(app).get('/');
    expect(answer.headers['content-type']).toMatch(/^text\/html/);
    expect(answer.text).toContain('<main>');
    expect(answer.text).not.toMatch(/(src|href)="(https?:)?\/\//);
    const policy = answer.headers['content-security-policy'] ?? '';
    expect(policy).toMatch(/default-src 'none';script-src 'sha256-[^']+';style-src 'sha256-[^']+'/);
    expect(policy).not.toContain('unsafe');
  });

  it('says nothing of what it is made of, and lets no type be guessed', async () => {
    const { headers } = await request(app).get('/healthz');
    expect(headers['x-powered-by']).toBeUndefined();
    expect(headers['x-content-type-options']).toBe('nosniff');
  });
});

describe('without a model', () => {
  it('is alive but not ready, and asks to come back', async () => {
    const empty = await openServedRegistry();
    const models = empty.follow();
    await models.check();
    const bare = createApp({ models, logger: log.logger, limits });
    expect((await request(bare).get('/healthz')).status).toBe(200);
    for (const answer of [
      await request(bare).get('/readyz'),
      await request(bare).get('/v1/model'),
      await request(bare)
        .post('/get_prediction')
        .attach('image', await picture('red'), 'a.png'),
    ]) {
      expect(answer.status).toBe(503);
      expect(answer.headers['retry-after']).toBe('5');
      expect(answer.body).toMatchObject({ type: '/problems/model-unavailable', status: 503 });
    }
    await empty.close();
  });
});

describe('a defect', () => {
  it('answers 500 without a word of its cause, which stands in the log under the request id', async () => {
    const models: ModelHolder = {
      current: () => ({
        name: 'colors',
        version: 1,
        digest: 'd',
        classes: [],
        preprocessing: { size: 8, color: 'rgb', fit: 'contain' },
        accuracy: 1,
        promotedAt: undefined,
      }),
      use: () => Promise.reject(new Error('secret detail')),
    };
    const answer = await request(createApp({ models, logger: log.logger, limits }))
      .post('/get_prediction')
      .attach('image', await picture('red'), 'a.png');
    expect(answer.status).toBe(500);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(answer.body).toMatchObject({ type: 'about:blank', title: 'Internal Server Error', status: 500 });
    expect(answer.text).not.toContain('secret');
    expect(log.lines()).toContainEqual(
      expect.objectContaining({
        level: 'error',
        requestId: answer.headers['x-request-id'],
        error: expect.objectContaining({ message: 'secret detail' }),
      }),
    );
  });
});
