import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRegistry } from '../../lib/registry/registry';
import { openStore } from '../../lib/storage/open-store';
import type { Store } from '../../lib/storage/store';
import { findBucketEmulator, startBucketEmulator, type BucketEmulator } from '../support/bucket-emulator';
import { modelDraft } from '../support/model-draft';

const racers = 32;

/** @param open - a new view of one place, as another process has it */
function describeRace(open: () => Store): void {
  it(`lets one of ${racers} moves of an alias win, and tells each of the others who was faster`, async () => {
    const store = open();
    const registry = createRegistry(store);
    for (const run of ['one', 'two', 'three']) await registry.register(await modelDraft(store, run));
    await registry.moveAlias('animals', 'champion', {
      ...{ version: 1, expected: undefined, by: 'ada', reason: 'the first' },
    });
    const seen = (await registry.alias('animals', 'champion'))?.generation;
    const moves = await Promise.allSettled(
      Array.from({ length: racers }, (_, racer) =>
        createRegistry(open()).moveAlias('animals', 'champion', {
          ...{ version: 2 + (racer % 2), expected: seen, by: `racer-${racer}`, reason: 'mine is better' },
        }),
      ),
    );
    const won = moves.flatMap((move) => (move.status === 'fulfilled' ? [move.value] : []));
    const lost = moves.flatMap((move) => (move.status === 'rejected' ? [move.reason as unknown] : []));
    expect(won).toHaveLength(1);
    expect(lost).toHaveLength(racers - 1);
    const winner = won[0]?.history.at(-1)?.by ?? '';
    for (const reason of lost) {
      expect(reason).toMatchObject({
        type: 'alias-moved',
        message: expect.stringContaining(`moved by ${winner}`),
      });
    }
    const { history = [] } = (await registry.alias('animals', 'champion'))?.alias ?? {};
    expect(history.map(({ by }) => by)).toEqual(['ada', winner]);
  });

  it(`gives ${racers} that take an alias away and set it, all at once, a history without a gap`, async () => {
    const registry = createRegistry(open());
    await registry.moveAlias('animals', 'staging', {
      ...{ version: 1, expected: undefined, by: 'ada', reason: 'the first' },
    });
    const changes = await Promise.allSettled(
      Array.from({ length: racers }, (_, racer) => {
        const said = { by: `racer-${racer}`, reason: 'mine' };
        const other = createRegistry(open());
        return racer % 2 === 0
          ? other.removeAlias('animals', 'staging', said)
          : other.moveAlias('animals', 'staging', { ...said, version: 2, expected: undefined });
      }),
    );
    const done = changes.filter(({ status }) => status === 'fulfilled').length;
    const [found] = await registry
      .aliases('animals')
      .then((aliases) => aliases.filter(({ alias }) => alias.alias === 'staging'));
    const history = found?.alias.history ?? [];
    expect(history).toHaveLength(1 + done);
    // Set and taken away in turns: nobody took away what was not there, nor set what was.
    expect(history.map(({ removed }) => removed === true)).toEqual(history.map((_, at) => at % 2 === 1));
  });
}

describe('racing for an alias in a folder', () => {
  let place = '';
  beforeAll(async () => {
    place = await mkdtemp(join(tmpdir(), 'drover-race-'));
  });
  afterAll(() => rm(place, { recursive: true, force: true }));
  describeRace(() => openStore(place));
});

const emulatorFile = findBucketEmulator();
if (emulatorFile === undefined) console.warn('The bucket emulator is not set up: no race in a bucket.');

(emulatorFile === undefined ? describe.skip : describe)('racing for an alias in a bucket', () => {
  let emulator: BucketEmulator | undefined;
  beforeAll(async () => {
    emulator = await startBucketEmulator(emulatorFile ?? '');
    await emulator.createBucket('drover-race');
  });
  afterAll(() => emulator?.stop());
  describeRace(() => openStore('gs://drover-race/store', { gcsEndpoint: emulator?.endpoint ?? '' }));
});
