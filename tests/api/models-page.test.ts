import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { createApp } from '../../api/app';
import { createModelReader } from '../../api/models-page/read-models';
import { Failure } from '../../contracts/failures';
import type { Store } from '../../lib/storage/store';
import { registerWithFigures } from '../support/registry-with-figures';
import { colorModel } from './color-model';
import { listeningLogger, openServedRegistry, picture, type ServedRegistry } from './served';

const limits = { maxUploadBytes: 20_000 };

let served: ServedRegistry;
beforeAll(async () => {
  served = await openServedRegistry();
  await served.register(colorModel(), ['red', 'green', 'blue']);
  await served.promote(1);
  const registry = await registerWithFigures(served.store, ['one', 'two']);
  await registry.moveAlias('animals', 'champion', {
    ...{ version: 1, expected: undefined, by: '<b>ada</b>', reason: '<script>alert(1)</script>' },
  });
});
afterAll(async () => served.close());

const { logger } = listeningLogger();

async function appOn(store: Store, patience?: number) {
  const models = served.follow();
  await models.check();
  return createApp({ models, registry: createModelReader({ store, patience }), logger, limits });
}

/** A store on which every read ends so. */
function storeThat(ends: () => Promise<never>): Store {
  return {
    ...served.store,
    read: ends,
    readVersioned: ends,
    async *list() {
      yield await ends();
    },
  };
}

describe('the pages about models', () => {
  it('list each model with its versions, the champion among them, and what happened', async () => {
    const answer = await request(await appOn(served.store)).get('/models');
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('href="/models/animals/2"');
    expect(answer.text).toContain('href="/models/colors/1"');
    expect(answer.text).toMatch(/<tr class="served">\s*<th scope="row">\s*<a href="\/models\/animals\/1">/);
    expect(answer.text).toContain('87.5\u00a0%');
    expect(answer.text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(answer.text).not.toContain('<b>ada');
  });

  it("show a version's figures, files with digests, lineage and card", async () => {
    const answer = await request(await appOn(served.store)).get('/models/animals/1');
    const version = await served.registry.get('animals', 1);
    expect(answer.status).toBe(200);
    for (const { sha256 } of [version.model.onnx, version.model.weights, version.lineage.manifest]) {
      expect(answer.text).toContain(sha256);
    }
    expect(answer.text).toContain('60.0\u00a0%');
    expect(answer.text).toContain('pipeline_tag: image-classification');
  });

  it('let nothing run, load, frame or be sent', async () => {
    const answer = await request(await appOn(served.store)).get('/models');
    const policy = answer.headers['content-security-policy'];
    expect(policy).toMatch(/default-src 'none'.*form-action 'none'; frame-ancestors 'none'/);
    expect(policy).not.toContain('script-src');
    expect(answer.text).not.toMatch(/<(script|form|button|input)/);
  });

  it.each(['/models/animals/9', '/models/none/1', '/models/..%2F..%2Fetc/1', '/models/animals/1e9'])(
    'have nothing at %s',
    async (path) => {
      expect((await request(await appOn(served.store)).get(path)).status).toBe(404);
    },
  );

  it.each(['post', 'put', 'delete', 'patch'] as const)('take no %s', async (method) => {
    const app = await appOn(served.store);
    expect((await request(app)[method]('/models')).status).toBe(405);
    expect((await request(app)[method]('/models/animals/1')).status).toBe(404);
  });

  it.each([
    ['fails', () => Promise.reject(new Failure('storage-unavailable', 'gs://secret-bucket is away'))],
    ['never answers', () => new Promise<never>(() => undefined)],
  ])('answer 503 where the store %s, and predictions go on', async (_, ends) => {
    const app = await appOn(storeThat(ends), 30);
    for (const path of ['/models', '/models/animals/1']) {
      const answer = await request(app).get(path);
      expect([answer.status, answer.headers['retry-after']]).toEqual([503, '10']);
      expect(answer.text).toContain('Predictions go on');
      expect(answer.text).not.toContain('secret-bucket');
    }
    const png = await picture('#10c020');
    expect((await request(app).post('/get_prediction').attach('image', png, 'green.png')).status).toBe(200);
  });

  it('ask the store once, however many look at once', async () => {
    let looks = 0;
    const counting: Store = {
      ...served.store,
      list(prefix) {
        if (prefix === 'models/') looks += 1;
        return served.store.list(prefix);
      },
    };
    const app = await appOn(counting);
    const answers = await Promise.all(Array.from({ length: 12 }, () => request(app).get('/models')));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(looks).toBe(1);
  });
});
