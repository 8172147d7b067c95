import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openLocalCopy, type LocalCopy } from '../../api/models/local-copy';
import { Failure } from '../../contracts/failures';
import type { Store } from '../../lib/storage/store';
import { colorModel } from './color-model';
import {
  alias,
  listeningLogger,
  modelName,
  openServedRegistry,
  picture,
  until,
  type ServedRegistry,
} from './served';

let served: ServedRegistry;
let folder: string;
let copy: LocalCopy;

beforeEach(async () => {
  served = await openServedRegistry();
  folder = await mkdtemp(join(tmpdir(), 'drover-copy-'));
  copy = openLocalCopy({ folder, location: served.store.location, name: modelName, alias });
  await served.register(colorModel(), ['red', 'green', 'blue']);
  await served.register(colorModel([2, 1, 0]), ['blue', 'green', 'red']);
  await served.promote(1);
});
afterEach(async () => {
  await served.close();
  await rm(folder, { recursive: true, force: true });
});

/** The store, which answers only while it is not away. */
function storeThatMayBeAway(): { readonly store: Store; away: boolean } {
  const state = {
    away: true,
    store: new Proxy(served.store, {
      get(target, name, receiver) {
        const value: unknown = Reflect.get(target, name, receiver);
        if (typeof value !== 'function' || !state.away) return value;
        return () => Promise.reject(new Failure('storage-unavailable', 'The store is away.'));
      },
    }),
  };
  return state;
}

async function serveOnce(): Promise<void> {
  const models = served.follow({ copy });
  await models.check();
  await until(() => models.current() !== undefined);
  await models.close();
}

describe('the local copy of a model', () => {
  it('answers where the store is away at the start, and the alias is followed once it is back', async () => {
    await serveOnce();
    const state = storeThatMayBeAway();
    const log = listeningLogger();
    const models = served.follow({ store: state.store, copy, logger: log.logger });
    await until(() => models.current() !== undefined);
    expect(models.current()).toMatchObject({ version: 1, accuracy: 0.75 });
    const answer = await models.use('one', async (model) =>
      model.answer(await picture('red'), { id: 'one' }),
    );
    expect(answer.probabilities[0]).toBeGreaterThan(0.9);
    expect(log.lines()).toContainEqual(expect.objectContaining({ version: 1, from: 'local copy' }));
    await served.promote(2);
    state.away = false;
    await until(() => models.current()?.version === 2);
  });

  it('answers where the store does not even say that it is away, until it does', async () => {
    await serveOnce();
    await served.promote(2);
    let answer: () => void = () => undefined;
    const back = new Promise<void>((resolve) => (answer = resolve));
    const silent = new Proxy(served.store, {
      get(target, name, receiver) {
        const value: unknown = Reflect.get(target, name, receiver);
        if (typeof value !== 'function') return value;
        return async (...args: unknown[]) => {
          await back;
          return value.apply(target, args) as unknown;
        };
      },
    });
    const models = served.follow({ store: silent, copy, patienceMs: 50 });
    await until(() => models.current()?.version === 1);
    answer();
    await until(() => models.current()?.version === 2);
    await models.close();
  });

  it('is what answers where the folder of the store is gone, which looks like an empty store', async () => {
    await serveOnce();
    const empty = new Proxy(served.store, {
      get(target, name, receiver) {
        return name === 'readVersioned' || name === 'tryRead' || name === 'read'
          ? () => Promise.reject(new Failure('not-found', 'There is nothing.'))
          : (Reflect.get(target, name, receiver) as unknown);
      },
    });
    const models = served.follow({ store: empty, copy });
    await until(() => models.current()?.version === 1);
  });

  it('gives way to the version of the same number in a store that was begun again', async () => {
    await serveOnce();
    const again = await openServedRegistry();
    try {
      const { model } = await again.register(colorModel([2, 1, 0]), ['blue', 'green', 'red']);
      const models = served.follow({ store: again.store, copy });
      await until(() => models.current()?.version === 1);
      expect(models.current()?.digest).not.toBe(model.onnx.sha256);
      await again.promote(1);
      await until(() => models.current()?.digest === model.onnx.sha256);
      await models.close();
    } finally {
      await again.close();
    }
  });

  it('is that of the version which was served last, with its file alone', async () => {
    await serveOnce();
    await served.promote(2);
    await serveOnce();
    expect((await copy.read())?.version.version).toBe(2);
    const files = await readdir(join(folder, modelName, alias));
    expect(files.filter((name) => name.endsWith('.onnx'))).toHaveLength(1);
  });

  it('is not served where its file was changed, or where it came from another store', async () => {
    await serveOnce();
    const other = openLocalCopy({ folder, location: 'gs://another', name: modelName, alias });
    expect(await other.read()).toBeUndefined();
    const place = join(folder, modelName, alias);
    const [file = ''] = (await readdir(place)).filter((name) => name.endsWith('.onnx'));
    await writeFile(join(place, file), colorModel([1, 0, 2]));
    expect(await copy.read()).toBeUndefined();
    const models = served.follow({ store: storeThatMayBeAway().store, copy });
    await models.check();
    expect(models.current()).toBeUndefined();
  });
});
