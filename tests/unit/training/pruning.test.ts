import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runResultSchema, type RunResult } from '../../../contracts/schemas/documents';
import { pruningSchema, runConfigSchema } from '../../../contracts/schemas/run';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { readJson, readRef } from '../../../lib/storage/refs';
import { isPruned, sparsityAfter } from '../../../lib/training/pruning';
import { runId } from '../../../lib/training/run-id';
import { trainUntil } from '../../../lib/training/trainer';
import { putBars } from '../../support/prepared-bars';

describe('the share that is pruned', () => {
  const rule = pruningSchema.parse({ sparsity: 0.8, start: 0.2, end: 0.7 });
  const at = (step: number) => sparsityAfter(rule, { step, steps: 100, stepsPerEpoch: 20 });

  it('is chosen four times an epoch, from its start to its end', () => {
    const steps = Array.from({ length: 100 }, (_, index) => index + 1).filter(
      (step) => at(step) !== undefined,
    );
    expect(steps).toEqual([20, 25, 30, 35, 40, 45, 50, 55, 60, 65, 70]);
  });

  it('rises fast at first, then slowly, to what is asked for', () => {
    expect([20, 45, 70].map(at)).toEqual([0, 0.8 * (1 - 0.5 ** 3), 0.8]);
  });

  it('leaves only whole epochs after its end to be the best one', () => {
    const counted = [69, 70, 100].map((step) => isPruned(rule, { step, steps: 100 }));
    expect(counted).toEqual([false, true, true]);
  });

  it('may be reached in the last step of a run that has one step', () => {
    const all = pruningSchema.parse({ sparsity: 0.5, start: 0, end: 1 });
    expect(sparsityAfter(all, { step: 1, steps: 1, stepsPerEpoch: 1 })).toBe(0.5);
  });

  it('is refused where it would end before it starts', () => {
    expect(pruningSchema.safeParse({ sparsity: 0.5, start: 0.7, end: 0.2 }).success).toBe(false);
  });
});

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'drover-pruning-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Trained to each of these epochs by a trainer of its own, then to its end; in a store of its own. */
async function trained(place: string, settings: object, untils: readonly number[] = []) {
  const store = createFolderStore(path.join(folder, place));
  const config = runConfigSchema.parse({
    network: { name: 'cnn', filters: [8, 16], kernel: 3, dense: 32, dropout: 0 },
    batch_size: 8,
    ...settings,
  });
  const prepared = await putBars(store);
  const job = { storeLocation: folder, config, prepared, run: runId(config, prepared) };
  const signal = new AbortController().signal;
  const hooks = { onProgress: () => undefined, onNotice: () => undefined, signal };
  for (const until of untils) await trainUntil(store, { ...job, until }, hooks);
  const ref = await trainUntil(store, job, hooks);
  if (!ref) throw new Error('trained to its end');
  const result = await readJson(store, ref, runResultSchema);
  const bytes = await readRef(store, result.model.weights);
  return { result, weights: new Float32Array(Uint8Array.from(bytes).buffer) };
}

const zeros = (values: Float32Array): number => values.filter((value) => value === 0).length / values.length;
const pruning = { sparsity: 0.75, start: 0.2, end: 0.6 };

describe('a pruned run', () => {
  it.each([{ ema: 0 }, { ema: 0.9 }])('ends with so many zeros, and tells how many: %o', async (averaged) => {
    const { result, weights } = await trained('pruned', { epochs: 6, pruning, ...averaged });
    // The first kernel, of 216 numbers, and the biases stay whole.
    expect(zeros(weights)).toBeGreaterThan(0.7);
    expect(zeros(weights)).toBeLessThan(0.75);
    expect(result.sparsity).toBeCloseTo(0.75, 2);
    expect(result.best.epoch).toBeGreaterThanOrEqual(4);
  });

  it('has the same bytes where it was stopped in the middle of it', async () => {
    const settings = { epochs: 6, pruning, ema: 0.9 };
    const whole: RunResult = (await trained('whole', settings)).result;
    const parts = (await trained('parts', settings, [1, 2, 3, 5])).result;
    expect(parts.model.weights.sha256).toBe(whole.model.weights.sha256);
  });

  it('does not stop for want of a better epoch while weights still go', async () => {
    const settings = { epochs: 10, pruning, lr: 1e-9, early_stopping: { patience: 1 } };
    const { result } = await trained('patient', settings);
    // Done after epoch 6; the epoch after it is no better.
    expect(result.history.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });
});
