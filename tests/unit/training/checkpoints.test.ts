import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createFolderStore } from '../../../lib/storage/folder-store';
import type { Store } from '../../../lib/storage/store';
import { Checkpoints, type TrainingState } from '../../../lib/training/checkpoints';
import { nothingYet } from '../../../lib/training/run-phase';

const run = '0123456789abcdef';
const environment = { tensorflow: '2.18', device: 'cpu', cpu: 'some' };

let folder: string;
let store: Store;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'drover-checkpoints-'));
  store = createFolderStore(folder);
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function stateOf(step: number, values: readonly number[]): TrainingState {
  return {
    phase: 0,
    epoch: 1,
    step,
    within: nothingYet,
    best: undefined,
    history: [],
    learner: Float32Array.from(values),
    bestWeights: undefined,
  };
}

const checkpointsIn = (within: Store): Checkpoints => new Checkpoints(within, run, environment);

async function newest(): Promise<{ readonly found: number[] | undefined; readonly notices: string[] }> {
  const notices: string[] = [];
  const state = await checkpointsIn(store).newest((notice) => notices.push(notice));
  return { found: state && [...state.learner], notices };
}

async function keys(): Promise<string[]> {
  const found: string[] = [];
  for await (const key of store.list('runs/')) found.push(key);
  return found.sort();
}

describe('Checkpoints', () => {
  it('keep the first of one step until the second is whole, wherever a crash comes between', async () => {
    await checkpointsIn(store).save(() => stateOf(4, [1, 2]));
    const dying: Store = {
      ...store,
      write: (key, bytes) =>
        key.endsWith('/checkpoint.json')
          ? Promise.reject(new Error('the machine is gone'))
          : store.write(key, bytes),
    };
    await expect(checkpointsIn(dying).save(() => stateOf(4, [3, 4]))).rejects.toThrow('is gone');
    expect(await newest()).toEqual({ found: [1, 2], notices: [] });

    await checkpointsIn(store).save(() => stateOf(4, [3, 4]));
    expect(await newest()).toEqual({ found: [3, 4], notices: [] });
  });

  it('leave nothing of those that are no longer kept, however often a step was saved', async () => {
    const checkpoints = checkpointsIn(store);
    for (const [step, value] of [
      [4, 1],
      [4, 2],
      [8, 3],
      [12, 4],
    ] as const) {
      await checkpoints.save(() => stateOf(step, [value]));
    }
    expect((await keys()).map((key) => key.split('/').at(-2))).toEqual([
      '000000008',
      '000000008',
      '000000012',
      '000000012',
    ]);
    await checkpoints.clear();
    expect(await keys()).toEqual([]);
  });
});
