import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { requireByHand } from '../../../lib/registry/keys';
import { createRegistry, type Registry } from '../../../lib/registry/registry';
import { timelineOf } from '../../../lib/registry/timeline';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { modelDraft } from '../../support/model-draft';

describe('aliases that a person sets', () => {
  let root = '';
  let registry: Registry;
  let clock = 0;
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'drover-aliases-'));
    const store = createFolderStore(root);
    clock = Date.UTC(2025, 0, 1);
    registry = createRegistry(store, () => new Date((clock += 1000)));
    for (const run of ['one', 'two']) await registry.register(await modelDraft(store, run));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const set = async (version: number, reason = 'to try') =>
    registry.moveAlias('animals', 'staging', {
      ...{ version, reason, by: 'ada' },
      expected: (await registry.alias('animals', 'staging'))?.generation,
    });
  const takeAway = () => registry.removeAlias('animals', 'staging', { by: 'ben', reason: 'tried' });

  it('can be taken away and set again, and keep their history', async () => {
    await set(1);
    await takeAway();
    expect(await registry.alias('animals', 'staging')).toBeUndefined();
    await expect(takeAway()).rejects.toMatchObject({ type: 'not-found' });
    await set(2);
    const { alias } = (await registry.alias('animals', 'staging')) ?? {};
    expect(alias?.version).toBe(2);
    expect(alias?.removed).toBeUndefined();
    expect(alias?.history.map(({ version, by, removed }) => [version, by, removed])).toEqual([
      [1, 'ada', undefined],
      [1, 'ben', true],
      [2, 'ada', undefined],
    ]);
    expect((await registry.aliases('animals')).map((each) => each.alias.alias)).toEqual(['staging']);
  });

  it('are not set to what a removed one was seen at', async () => {
    await set(1);
    const seen = (await registry.alias('animals', 'staging'))?.generation;
    await takeAway();
    const move = { version: 2, expected: seen, by: 'ada', reason: 'late' };
    await expect(registry.moveAlias('animals', 'staging', move)).rejects.toMatchObject({
      type: 'alias-moved',
    });
  });

  it('set again as they were before they were taken away, are set', async () => {
    await set(1);
    await takeAway();
    await set(1);
    expect((await registry.alias('animals', 'staging'))?.alias.version).toBe(1);
  });

  it('are told in order with the versions, each with what it named before', async () => {
    await set(1, 'first');
    await set(2, 'second');
    await takeAway();
    await set(1, 'again');
    const events = timelineOf(await registry.list('animals'), await registry.aliases('animals'));
    expect(events.map(({ kind, version, before, reason }) => [kind, version, before, reason])).toEqual([
      ['registered', 1, undefined, undefined],
      ['registered', 2, undefined, undefined],
      ['alias-set', 1, undefined, 'first'],
      ['alias-moved', 2, 1, 'second'],
      ['alias-removed', 2, undefined, 'tried'],
      ['alias-set', 1, undefined, 'again'],
    ]);
  });

  it.each(['champion', 'Champion', 'best', 'previous', 'current'])(
    'are not called %s, which would lie',
    (alias) => {
      expect(() => requireByHand(alias)).toThrow(expect.objectContaining({ type: 'request-invalid' }));
    },
  );

  it.each(['3', 'v3', 'latest', 'newest'])('are not called %s, which is a version', async (alias) => {
    const move = { version: 1, expected: undefined, by: 'ada', reason: 'x' };
    await expect(registry.moveAlias('animals', alias, move)).rejects.toMatchObject({
      type: 'request-invalid',
    });
  });
});
