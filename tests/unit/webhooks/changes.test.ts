import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { registryEventSchema, type RegistryEvent } from '../../../contracts/schemas/webhooks';
import { writePromotion } from '../../../lib/promotion/records';
import { createRegistry, type Registry } from '../../../lib/registry/registry';
import { createFolderStore } from '../../../lib/storage/folder-store';
import type { Store } from '../../../lib/storage/store';
import { handOver } from '../../../lib/webhooks/changes';
import { modelDraft } from '../../support/model-draft';

let root = '';
let store: Store;
let registry: Registry;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'drover-changes-'));
  store = createFolderStore(root);
  registry = createRegistry(store);
});
afterEach(() => rm(root, { recursive: true, force: true }));

const register = async (run: string) => registry.register(await modelDraft(store, run));
const move = async (version: number, alias = 'champion') =>
  registry.moveAlias('animals', alias, {
    ...{ version, by: 'ada', reason: 'better' },
    expected: (await registry.alias('animals', alias))?.generation,
  });

async function told(): Promise<RegistryEvent[]> {
  const events: RegistryEvent[] = [];
  await handOver(store, registry, async (event) => void events.push(registryEventSchema.parse(event)));
  return events;
}

const ids = async () => (await told()).map(({ id }) => id);

async function promotion(
  state: 'waiting' | 'promoted' | 'rejected' | 'refused',
  since = '2026-01-02T03:05:00.000Z',
) {
  await writePromotion(store, {
    ...{
      id: 'p1',
      model: 'animals',
      version: 1,
      state,
      dryRun: false,
      by: 'ada',
      workflow: 'promote-animals-v1',
    },
    startedAt: '2026-01-02T03:04:05.000Z',
    champion: null,
    evaluation: { uri: 'store://e', sha256: 'a'.repeat(64) },
    gateSet: { manifest: { uri: 'store://m', sha256: 'b'.repeat(64) }, split: 'test', pictures: 5, uses: 1 },
    gates: [],
    reason: 'a person has to decide',
    approval: {
      ...{ since, deadline: '2026-01-05T03:05:00.000Z', reminders: 0 },
      ...(state === 'rejected' && {
        answer: { approved: false, by: 'eve', reason: 'no', at: '2026-01-03T03:05:00.000Z' },
      }),
    },
  });
}

describe('what is told of the registry', () => {
  it('begins with the first look: what was there before is past', async () => {
    await register('one');
    await move(1);
    expect(await ids()).toEqual([]);
    await register('two');
    await move(2);
    expect(await ids()).toEqual(['animals.version.2', 'animals.alias.champion.2']);
    expect(await ids()).toEqual([]);
  });

  it('is each version, each move with what was before, and each alias that was taken away', async () => {
    await told();
    await register('one');
    await register('two');
    await move(1);
    await move(2);
    await move(1, 'staging');
    await registry.removeAlias('animals', 'staging', { by: 'ben', reason: 'done' });
    const events = await told();
    expect(
      events.map(({ kind, version, alias, before, removed }) => [kind, version, alias, before, removed]),
    ).toEqual([
      ['version_registered', 1, undefined, undefined, undefined],
      ['version_registered', 2, undefined, undefined, undefined],
      ['alias_moved', 1, 'champion', undefined, undefined],
      ['alias_moved', 2, 'champion', 1, undefined],
      ['alias_moved', 1, 'staging', undefined, undefined],
      ['alias_moved', 1, 'staging', undefined, true],
    ]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  });

  it('is a promotion that waits, once, and one that was rejected, with who did', async () => {
    await register('one');
    await told();
    await promotion('waiting');
    expect(await told()).toMatchObject([
      { kind: 'promotion_waiting', promotion: 'p1', deadline: '2026-01-05T03:05:00.000Z' },
    ]);
    await promotion('waiting');
    expect(await ids()).toEqual([]);
    await promotion('rejected');
    expect(await told()).toMatchObject([{ kind: 'promotion_refused', by: 'eve' }]);
    await promotion('promoted');
    expect(await ids()).toEqual([]);
  });

  it('is each question of a promotion that asks twice', async () => {
    await register('one');
    await told();
    await promotion('waiting');
    const first = await ids();
    await promotion('waiting', '2026-01-03T03:05:00.000Z');
    const second = await told();
    expect(second).toMatchObject([{ kind: 'promotion_waiting', at: '2026-01-03T03:05:00.000Z' }]);
    expect(first).not.toContain(second[0]?.id);
    expect(await ids()).toEqual([]);
  });

  it('is told again, under the same id, by whoever comes after one that was killed', async () => {
    await told();
    await register('one');
    await expect(
      handOver(store, registry, async () => {
        throw new Error('killed');
      }),
    ).rejects.toThrow('killed');
    expect(await ids()).toEqual(['animals.version.1']);
  });

  it('is lost by none of 8 that look at once', async () => {
    await told();
    await register('one');
    await move(1);
    const events = (await Promise.all(Array.from({ length: 8 }, () => ids()))).flat();
    expect(new Set(events)).toEqual(new Set(['animals.version.1', 'animals.alias.champion.1']));
    expect(await ids()).toEqual([]);
  });
});
