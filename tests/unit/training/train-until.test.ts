import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runResultSchema, type EpochMetrics, type RunResult } from '../../../contracts/schemas/documents';
import { runConfigSchema } from '../../../contracts/schemas/run';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { readJson } from '../../../lib/storage/refs';
import type { Store } from '../../../lib/storage/store';
import { runId } from '../../../lib/training/run-id';
import { trainRun, trainUntil } from '../../../lib/training/trainer';
import { putBars } from '../../support/prepared-bars';

const small = {
  network: { name: 'cnn', filters: [4, 6], kernel: 3, dense: 8, dropout: 0.2 },
  batch_size: 8,
};

let folder: string;
let store: Store;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'drover-until-'));
  store = createFolderStore(path.join(folder, 'whole'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function jobOf(settings: object) {
  const config = runConfigSchema.parse({ ...small, ...settings });
  const prepared = await putBars(store);
  return { storeLocation: folder, config, prepared, run: runId(config, prepared) };
}

function hooks(epochs: EpochMetrics[] = []) {
  return {
    onProgress: () => undefined,
    onNotice: () => undefined,
    onEpoch: (metrics: EpochMetrics) => void epochs.push(metrics),
    signal: new AbortController().signal,
  };
}

async function whole(settings: object): Promise<RunResult> {
  return readJson(store, await trainRun(store, await jobOf(settings), hooks()), runResultSchema);
}

/** Trained to each of these epochs by a trainer of its own, then to its end. */
async function inParts(settings: object, untils: readonly number[]) {
  store = createFolderStore(path.join(folder, 'parts'));
  const job = await jobOf(settings);
  const told: number[][] = [];
  for (const until of untils) {
    const epochs: EpochMetrics[] = [];
    expect(await trainUntil(store, { ...job, until }, hooks(epochs))).toBeUndefined();
    told.push(epochs.map(({ epoch }) => epoch));
  }
  return { result: await readJson(store, await trainRun(store, job, hooks()), runResultSchema), told };
}

describe('a training that is told where to stop', () => {
  it('hands back its epochs, and goes on to the same bytes as one that was never stopped', async () => {
    const settings = { epochs: 5, optimizer: 'adamw', ema: 0.9 };
    const expected = await whole(settings);
    const { result, told } = await inParts(settings, [1, 3]);
    expect(told).toEqual([[1], [1, 2, 3]]);
    expect(result.model.weights.sha256).toBe(expected.model.weights.sha256);
    expect(result.history.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5]);
  });

  it('trains nothing where it has come so far already', async () => {
    const job = await jobOf({ epochs: 4 });
    await trainUntil(store, { ...job, until: 2 }, hooks());
    const epochs: EpochMetrics[] = [];
    expect(await trainUntil(store, { ...job, until: 1 }, hooks(epochs))).toBeUndefined();
    expect(epochs.map(({ epoch }) => epoch)).toEqual([1, 2]);
  });

  it('ends where its own end comes first', async () => {
    const job = await jobOf({ epochs: 2 });
    expect(await trainUntil(store, { ...job, until: 2 }, hooks())).toBeDefined();
    expect(await trainUntil(store, { ...job, until: 1 }, hooks())).toBeDefined();
  });

  it('stops for want of a better epoch where it would have, though it was stopped right there', async () => {
    const settings = { epochs: 30, lr: 1e-9, early_stopping: { patience: 3, min_delta: 0.01 } };
    expect((await whole(settings)).history).toHaveLength(4);
    const { result } = await inParts(settings, [3]);
    expect(result.history).toHaveLength(4);
    const job = await jobOf({ ...settings, seed: 2 });
    expect(await trainUntil(store, { ...job, until: 4 }, hooks())).toBeDefined();
  });
});
