import { z } from 'zod';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createApp } from '../../api/app';
import { startServer } from '../../api/server';
import { Failure } from '../../contracts/failures';
import type { Store } from '../../lib/storage/store';
import { colorModel } from './color-model';
import { listeningLogger, openServedRegistry, picture, until, type ServedRegistry } from './served';

const english = ['red', 'green', 'blue'];
const german = ['blau', 'gruen', 'rot'];

let served: ServedRegistry;

beforeEach(async () => {
  served = await openServedRegistry();
});

afterEach(async () => served.close());

const answerSchema = z.object({
  model: z.object({ version: z.int(), digest: z.string() }),
  prediction: z.string(),
  probabilities: z.record(z.string(), z.number()),
});

describe('following the champion', () => {
  it('becomes ready when a first model is promoted, without being asked', async () => {
    const models = served.follow();
    await models.check();
    expect(models.current()).toBeUndefined();
    await served.register(colorModel(), english);
    await served.promote(1);
    await until(() => models.current()?.version === 1);
  });

  it('answers every request under load while the champion changes, each by one model alone', async () => {
    const first = await served.register(colorModel(), english);
    const second = await served.register(colorModel([2, 1, 0]), german);
    await served.promote(1);
    const { logger } = listeningLogger();
    const models = served.follow({ intervalMs: 5, logger });
    await models.check();
    const app = createApp({ models, logger, limits: { maxUploadBytes: 100_000 } });
    const server = await startServer({ app, host: '127.0.0.1', port: 0, logger });
    const body = await picture('#ff2010');
    const expected = new Map([
      [1, { digest: first.model.onnx.sha256, prediction: 'red', classes: [...english].sort().join() }],
      [2, { digest: second.model.onnx.sha256, prediction: 'rot', classes: [...german].sort().join() }],
    ]);
    const answered = { 1: 0, 2: 0 } as Record<number, number>;
    let asking = true;

    async function client(): Promise<void> {
      while (asking) {
        const form = new FormData();
        form.append('image', new Blob([new Uint8Array(body)]), 'red.png');
        const answer = await fetch(`http://127.0.0.1:${server.port}/get_prediction`, {
          method: 'POST',
          body: form,
        });
        expect(answer.status).toBe(200);
        const { model, prediction, probabilities } = answerSchema.parse(await answer.json());
        expect({
          digest: model.digest,
          prediction,
          classes: Object.keys(probabilities).sort().join(),
        }).toEqual(expected.get(model.version));
        answered[model.version] = (answered[model.version] ?? 0) + 1;
      }
    }

    const clients = Array.from({ length: 6 }, client);
    try {
      for (const version of [2, 1, 2]) {
        await served.promote(version);
        await until(() => models.current()?.version === version);
        const before = answered[version] ?? 0;
        await until(() => (answered[version] ?? 0) >= before + 40);
      }
    } finally {
      asking = false;
      await Promise.all(clients);
      await server.close();
    }
    expect(answered[1]).toBeGreaterThanOrEqual(40);
    expect(answered[2]).toBeGreaterThanOrEqual(80);
  });

  it('lets a request end on the model that it began with, and unloads that model then', async () => {
    await served.register(colorModel(), english);
    await served.register(colorModel([2, 1, 0]), german);
    await served.promote(1);
    const models = served.follow();
    await models.check();
    const image = await picture('red');
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const old = models.use('one', async (model) => {
      await held;
      return { model, answer: await model.answer(image, { id: 'one' }) };
    });
    await served.promote(2);
    await until(() => models.current()?.version === 2);
    release();
    const { model, answer } = await old;
    expect(model.version).toBe(1);
    expect(answer.probabilities).toHaveLength(3);
    await expect(model.answer(image, { id: 'two' })).rejects.toThrow('closed');
  });

  it.each([
    ['is not a model', Buffer.from('not a model'), english],
    ['has another number of classes than it says', Buffer.from(colorModel()), ['cat', 'dog']],
  ])(
    'keeps the last good model where the new one %s, says so, and takes the next good one',
    async (_, bytes, classes) => {
      const log = listeningLogger();
      await served.register(colorModel(), english);
      await served.register(bytes, classes);
      await served.register(colorModel([2, 1, 0]), german);
      await served.promote(1);
      const models = served.follow({ logger: log.logger });
      await models.check();
      await served.promote(2);
      await until(() =>
        log
          .lines()
          .some(({ level, version, attempts }) => level === 'error' && version === 2 && attempts === 2),
      );
      expect(models.current()?.version).toBe(1);
      await served.promote(3);
      await until(() => models.current()?.version === 3);
    },
  );

  it('serves no model whose bytes are not those that were registered', async () => {
    const log = listeningLogger();
    await served.register(colorModel(), english);
    await served.store.write('models/colors/versions/1/model.onnx', colorModel([2, 1, 0]));
    await served.promote(1);
    const models = served.follow({ logger: log.logger });
    await until(() => log.lines().some(({ error }) => error?.type === 'digest-mismatch'));
    expect(models.current()).toBeUndefined();
    // Repaired, it is tried again by itself.
    await served.store.write('models/colors/versions/1/model.onnx', colorModel());
    await until(() => models.current()?.version === 1);
  });

  it('keeps answering while the store is away, says so once, and follows again when it is back', async () => {
    const log = listeningLogger();
    let away = false;
    let refused = 0;
    const flaky: Store = {
      ...served.store,
      async readVersioned(key) {
        if (!away) return served.store.readVersioned(key);
        refused += 1;
        throw new Failure('storage-unavailable', 'The store does not answer.');
      },
    };
    await served.register(colorModel(), english);
    await served.register(colorModel([2, 1, 0]), german);
    await served.promote(1);
    const models = served.follow({ store: flaky, logger: log.logger });
    await models.check();
    away = true;
    await served.promote(2);
    await until(() => refused >= 5);
    expect(models.current()?.version).toBe(1);
    expect(log.lines().filter(({ level }) => level === 'warn')).toHaveLength(1);
    away = false;
    await until(() => models.current()?.version === 2);
  });

  it('loads nothing more once it is closed', async () => {
    await served.register(colorModel(), english);
    await served.promote(1);
    const models = served.follow();
    await models.close();
    await models.check();
    expect(models.current()).toBeUndefined();
    await expect(models.use('one', async () => 1)).rejects.toMatchObject({ type: 'model-unavailable' });
  });
});
