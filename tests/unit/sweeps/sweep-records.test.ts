import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sweepConfigSchema } from '../../../contracts/schemas/sweep';
import { trialsInPiece } from '../../../contracts/trial-pieces';
import { openStore } from '../../../lib/storage/open-store';
import type { Store } from '../../../lib/storage/store';
import {
  readSweepRecord,
  recordedSweeps,
  writeSweepHead,
  writeTrials,
} from '../../../lib/sweeps/sweep-records';

let folder: string;
let store: Store;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-records-'));
  store = openStore(folder);
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const config = sweepConfigSchema.parse({ method: 'random', parameters: {} });
const prepared = { uri: 'store://prepared', sha256: '0'.repeat(64) };
const trialsFrom = (first: number, count: number) =>
  Array.from({ length: count }, (_, at) => ({
    trial: first + at,
    parameters: {},
    state: 'finished' as const,
    began: 0,
  }));

async function put(sweep: string, count: number): Promise<void> {
  for (let from = 0; from < count; from += trialsInPiece) {
    await writeTrials(
      store,
      sweep,
      from / trialsInPiece,
      trialsFrom(from + 1, Math.min(trialsInPiece, count - from)),
    );
  }
  await writeSweepHead(store, { sweep, config, prepared, began: 0, trials: count });
}

describe("a sweep's record", () => {
  it.each(['pipeline-pets/sweep', '../../etc/passwd', 'a.b', 'ä %2F', '.'])(
    'is found by the id %s',
    async (id) => {
      await put(id, 3);
      expect((await readSweepRecord(store, id))?.trials).toHaveLength(3);
      const found: string[] = [];
      for await (const sweep of recordedSweeps(store)) found.push(sweep);
      expect(found).toEqual([id]);
    },
  );

  it('is whole where its trials lie in several pieces', async () => {
    await put('many', 2 * trialsInPiece + 7);
    const trials = (await readSweepRecord(store, 'many'))?.trials ?? [];
    expect(trials.map(({ trial }) => trial)).toEqual(
      Array.from({ length: 2 * trialsInPiece + 7 }, (_, at) => at + 1),
    );
  });

  it('has the trials that its head counts, though more were written since', async () => {
    await put('running', 5);
    await writeTrials(store, 'running', 0, trialsFrom(1, 8));
    expect((await readSweepRecord(store, 'running'))?.trials).toHaveLength(5);
  });

  it('is missing where there was no such sweep', async () => {
    expect(await readSweepRecord(store, 'none')).toBeUndefined();
  });
});
