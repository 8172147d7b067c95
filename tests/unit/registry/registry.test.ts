import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse as parseYaml } from 'yaml';
import { createRegistry, type ModelDraft, type Registry } from '../../../lib/registry/registry';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { putRef, readRef } from '../../../lib/storage/refs';
import type { Store } from '../../../lib/storage/store';
import { modelDraft } from '../../support/model-draft';

let root = '';
let store: Store;
let registry: Registry;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'drover-registry-'));
  store = createFolderStore(root);
  registry = createRegistry(store, () => new Date('2025-01-02T03:04:05Z'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function draftOf(run: string, name = 'animals'): Promise<ModelDraft> {
  const draft = await modelDraft(store, run, { name, notes: 'Noto Emoji, Apache-2.0.' });
  return {
    ...draft,
    model: { ...draft.model, classes: ['cat', 'dog | [x](y)'] },
    lineage: { ...draft.lineage, sweep: 'pipeline-animals/sweep' },
  };
}

/** A store whose process is killed before its n-th operation. */
function killedBefore(operation: number): Store {
  let count = 0;
  return new Proxy(store, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== 'function') return member;
      return (...given: unknown[]): unknown => {
        count++;
        if (count > operation) throw new Error('killed');
        return Reflect.apply(member, target, given);
      };
    },
  });
}

describe('registering', () => {
  it('gives numbers from 1, in order, and the same one to a run that asks again', async () => {
    const first = await registry.register(await draftOf('one'));
    const second = await registry.register(await draftOf('two'));
    expect([first.version, second.version]).toEqual([1, 2]);
    expect(await registry.register({ ...(await draftOf('one')), notes: 'other' })).toEqual(first);
    expect(await registry.get('animals', 1)).toEqual(first);
    expect(await registry.list('animals')).toEqual([first, second]);
    expect((await registry.register(await draftOf('one', 'cars'))).version).toBe(1);
    expect(await registry.names()).toEqual(['animals', 'cars']);
    expect(await registry.list('none')).toEqual([]);
    await expect(registry.get('animals', 3)).rejects.toMatchObject({ type: 'not-found' });
  });

  it('gives a run another number where it is served in another form, and the same to each form again', async () => {
    const plain = await draftOf('one');
    const onnx = await putRef<'onnx'>(store, 'forms/one/int8.onnx', Buffer.from('int8 of one'));
    const smaller: ModelDraft = { ...plain, model: { ...plain.model, onnx, form: 'int8' } };
    const first = await registry.register(plain);
    const second = await registry.register(smaller);
    expect([first.version, second.version]).toEqual([1, 2]);
    expect(second).toMatchObject({ model: { form: 'int8', onnx: { sha256: onnx.sha256 } } });
    expect(await registry.register(smaller)).toEqual(second);
    expect(await registry.register({ ...plain, model: { ...plain.model, form: 'float32' } })).toEqual(first);
    expect(second.lineage.run).toBe('one');
  });

  it('makes a version that stands without its run', async () => {
    const { model } = await registry.register(await draftOf('one'));
    for (const file of ['model.json', 'weights.bin', 'model.onnx']) await store.remove(`runs/one/${file}`);
    expect((await readRef(store, model.weights)).toString()).toBe('weights.bin of one');
    expect([model.layers.uri, model.weights.uri, model.onnx.uri]).toEqual(
      ['model.json', 'weights.bin', 'model.onnx'].map((file) => `store://models/animals/versions/1/${file}`),
    );
  });

  it('refuses files that are not what the draft says, and leaves no version', async () => {
    const draft = await draftOf('one');
    await store.write('runs/one/model.onnx', Buffer.from('something else'));
    await expect(registry.register(draft)).rejects.toMatchObject({ type: 'digest-mismatch' });
    expect(await registry.list('animals')).toEqual([]);
    expect(await registry.names()).toEqual([]);
  });

  it('gives 32 who ask at once for the same run one version, and 16 runs their own', async () => {
    const drafts = await Promise.all(Array.from({ length: 16 }, (_, run) => draftOf(`run-${run}`)));
    const versions = await Promise.all(
      Array.from({ length: 32 }, async (_, racer) => {
        const draft = drafts[racer % 16];
        if (draft === undefined) throw new Error('no draft');
        return createRegistry(createFolderStore(root)).register(draft);
      }),
    );
    const byRun = new Map(versions.map((version) => [version.lineage.run, version]));
    for (const version of versions) expect(version).toEqual(byRun.get(version.lineage.run));
    expect((await registry.list('animals')).map(({ version }) => version)).toEqual(
      Array.from({ length: 16 }, (_, index) => index + 1),
    );
  });

  it('lists many versions without reading all of them at once', async () => {
    const { version: first, ...rest } = await registry.register(await draftOf('many'));
    for (let version = first; version <= 80; version += 1) {
      const bytes = Buffer.from(JSON.stringify({ ...rest, version }));
      await store.write(`models/animals/versions/${version}/version.json`, bytes);
    }
    let [open, most] = [0, 0];
    const counted: Store = {
      ...store,
      readVersioned: async (key) => {
        open += 1;
        most = Math.max(most, open);
        return store.readVersioned(key).finally(() => (open -= 1));
      },
    };
    const listed = await createRegistry(counted).list('animals');
    expect(listed.map(({ version }) => version)).toEqual(Array.from({ length: 80 }, (_, index) => index + 1));
    expect(most).toBeLessThanOrEqual(32);
  });

  it('comes to the same end wherever it was killed', async () => {
    const draft = await draftOf('killed');
    let kills = 0;
    for (; ; kills++) {
      const attempt = createRegistry(killedBefore(kills)).register(draft);
      const ended = await attempt.then(
        () => true,
        (error: unknown) => {
          expect(error).toMatchObject({ message: 'killed' });
          return false;
        },
      );
      if (ended) break;
      // Half a version shows nowhere.
      for (const version of await registry.list('animals')) expect(version.version).toBe(1);
    }
    expect(kills).toBeGreaterThan(5);
    expect((await registry.register(draft)).version).toBe(1);
    expect((await registry.register(await draftOf('next'))).version).toBe(2);
    expect(await registry.list('animals')).toHaveLength(2);
  });

  it('writes a card that Hugging Face reads, and that no class name breaks', async () => {
    await registry.register(await draftOf('one'));
    const card = (await store.read('models/animals/versions/1/card.md')).toString();
    const [, front, body] = card.split(/^---$/m);
    expect(parseYaml(front ?? '')).toMatchObject({
      pipeline_tag: 'image-classification',
      'model-index': [{ name: 'animals', results: [{ metrics: [{ type: 'accuracy', value: 0.875 }, {}] }] }],
    });
    expect(body).toContain('| Accuracy | 87.50 % |');
    expect(body).toContain('1. dog \\| \\[x\\](y)');
    expect(body).toContain('pipeline-animals/sweep');
    expect(body).toContain('Noto Emoji, Apache-2.0.');
  });

  it.each(['', 'Animals', '../cars', 'a/b', 'a'.repeat(64)])('refuses the name %j', async (name) => {
    await expect(registry.register({ ...(await draftOf('one')), name })).rejects.toMatchObject({
      type: 'request-invalid',
    });
    await expect(registry.list(name)).rejects.toMatchObject({ type: 'request-invalid' });
  });
});

describe('an alias', () => {
  beforeEach(async () => {
    for (const run of ['one', 'two', 'three']) await registry.register(await draftOf(run));
  });

  const move = (version: number, expected: string | undefined, reason = `better ${version}`) =>
    registry.moveAlias('animals', 'champion', { version, expected, by: 'ada', reason });
  const generation = async () => (await registry.alias('animals', 'champion'))?.generation;

  it('moves from where it was seen, and remembers every move', async () => {
    expect(await registry.alias('animals', 'champion')).toBeUndefined();
    const { evaluation } = await registry.get('animals', 1);
    await registry.moveAlias('animals', 'champion', {
      version: 1,
      expected: undefined,
      by: 'ada',
      reason: 'first',
      evaluation,
    });
    await move(2, await generation());
    expect((await registry.alias('animals', 'champion'))?.alias).toEqual({
      alias: 'champion',
      version: 2,
      history: [
        { version: 1, at: '2025-01-02T03:04:05.000Z', by: 'ada', reason: 'first', evaluation },
        { version: 2, at: '2025-01-02T03:04:05.000Z', by: 'ada', reason: 'better 2' },
      ],
    });
  });

  it('lets one of 32 different moves win, and tells the others who was faster', async () => {
    await move(1, undefined);
    const seen = await generation();
    const moves = await Promise.allSettled(
      Array.from({ length: 32 }, (_, racer) => move(2 + (racer % 2), seen, `racer ${racer}`)),
    );
    expect(moves.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const lost of moves) {
      if (lost.status === 'rejected') expect(lost.reason).toMatchObject({ type: 'alias-moved', status: 409 });
    }
    expect((await registry.alias('animals', 'champion'))?.alias.history).toHaveLength(2);
  });

  it('is moved once by a move that is asked for again because its answer was lost', async () => {
    await move(1, undefined);
    const seen = await generation();
    const first = await move(2, seen);
    expect(await move(2, seen)).toEqual(first);
    await expect(move(2, seen, 'another reason')).rejects.toMatchObject({ type: 'alias-moved' });
    expect((await registry.alias('animals', 'champion'))?.alias.history).toHaveLength(2);
  });

  it('names only versions that are there', async () => {
    await expect(move(4, undefined)).rejects.toMatchObject({ type: 'not-found' });
    await expect(move(1.5, undefined)).rejects.toMatchObject({ type: 'request-invalid' });
    expect(await generation()).toBeUndefined();
  });

  it.each(['latest', 'Latest', 'v1', 'V20', '', 'a/b', '..', 'a b', 'a'.repeat(65)])(
    'cannot be called %j',
    async (alias) => {
      const asked = registry.moveAlias('animals', alias, {
        version: 1,
        expected: undefined,
        by: 'a',
        reason: 'b',
      });
      await expect(asked).rejects.toMatchObject({ type: 'request-invalid' });
    },
  );

  it('rolls back step by step, or to a version that is named', async () => {
    const back = (version?: number) =>
      registry.rollback('animals', 'champion', { version, by: 'ada', reason: 'worse in practice' });
    await expect(back()).rejects.toMatchObject({ type: 'not-found' });
    for (const version of [1, 2, 3]) await move(version, await generation());
    expect((await back()).version).toBe(2);
    expect((await back()).version).toBe(1);
    await expect(back()).rejects.toThrow(/name the version/);
    expect((await back(3)).version).toBe(3);
    await expect(back(9)).rejects.toMatchObject({ type: 'not-found' });
    const { alias } = (await registry.alias('animals', 'champion')) ?? {};
    expect(alias?.history.map(({ version }) => version)).toEqual([1, 2, 3, 2, 1, 3]);
  });

  it('rolls back once where it is asked twice with what it was seen at', async () => {
    for (const version of [1, 2, 3]) await move(version, await generation());
    const expected = await generation();
    const asked = { by: 'ada', reason: 'worse', expected };
    expect((await registry.rollback('animals', 'champion', asked)).version).toBe(2);
    expect((await registry.rollback('animals', 'champion', asked)).version).toBe(2);
    const other = { ...asked, by: 'bob' };
    await expect(registry.rollback('animals', 'champion', other)).rejects.toMatchObject({
      type: 'alias-moved',
    });
  });
});
