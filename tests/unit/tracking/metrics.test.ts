import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { MetricsLine } from '../../../contracts/schemas/metrics';
import { createFolderStore } from '../../../lib/storage/folder-store';
import type { Store } from '../../../lib/storage/store';
import { createTracker } from '../../../lib/tracking/create-tracker';
import { encodePart, partKey } from '../../../lib/tracking/metrics/part';
import { listParts, readMetrics } from '../../../lib/tracking/metrics/read-metrics';
import {
  epochMetrics,
  runResult,
  samplePictures,
  stepRecord,
  tell,
  trackedRunId as run,
  trackerOptions,
} from '../../support/tracked-run';

let folder = '';
let store: Store;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-metrics-'));
  store = createFolderStore(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const stepsOf = (lines: readonly MetricsLine[]) =>
  lines.flatMap((line) => (line.kind === 'step' ? [line.step] : []));
const epochsOf = (lines: readonly MetricsLine[]) =>
  lines.flatMap((line) => (line.kind === 'epoch' ? [line.epoch] : []));
const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

function line(step: number, loss: number): MetricsLine {
  const rates = { lr: 0.1, gradient_norm: 1, pictures_per_second: 10 };
  return { kind: 'step', step, epoch: 1, loss, accuracy: 0.5, ...rates, at: 0 };
}

describe('the metrics of a run', () => {
  it('are those that were told, in order, one part a flush', async () => {
    const tracker = await createTracker(trackerOptions(store));
    tell(tracker, 0, 40);
    await tracker.flush(40);
    tell(tracker, 40, 60);
    await tracker.flush(60);
    const lines = await readMetrics(store, run);
    expect(stepsOf(lines)).toEqual(upTo(60));
    expect(epochsOf(lines)).toEqual([1, 2, 3]);
    const { gradientNorm, examplesPerSecond, ...record } = stepRecord(7);
    expect(lines[6]).toEqual({
      kind: 'step',
      ...record,
      gradient_norm: gradientNorm,
      pictures_per_second: examplesPerSecond,
    });
    expect(lines.find((one) => one.kind === 'epoch')).toMatchObject({ ...epochMetrics(1), step: 20 });
    expect(await listParts(store, run)).toEqual([40, 60]);
  });

  it('are the same after a kill, whatever was told after the checkpoint that it goes on from', async () => {
    const whole = await createTracker(trackerOptions(createFolderStore(join(folder, 'whole'))));
    tell(whole, 0, 100);
    await whole.flush(100);
    const expected = await readMetrics(createFolderStore(join(folder, 'whole')), run);

    const killed = await createTracker(trackerOptions(store));
    for (const [from, to] of [
      [0, 30],
      [30, 50],
      [50, 70],
    ] as const) {
      tell(killed, from, to);
      await killed.flush(to);
    }
    tell(killed, 70, 80);
    const resumed = await createTracker(trackerOptions(store, { resumedFrom: 30 }));
    expect(stepsOf(await readMetrics(store, run))).toEqual(upTo(30));
    tell(resumed, 30, 100);
    await resumed.flush(100);
    expect(await readMetrics(store, run)).toEqual(expected);
  });

  it('keep what a part holds when more of its step is told, by the same trainer or the one after it', async () => {
    const first = await createTracker(trackerOptions(store));
    for (const step of upTo(20)) first.step(stepRecord(step));
    await first.flush(20);
    first.epoch(epochMetrics(1), () => []);
    await first.flush(20);
    expect(epochsOf(await readMetrics(store, run))).toEqual([1]);

    const second = await createTracker(trackerOptions(store, { resumedFrom: 20 }));
    second.epoch(epochMetrics(1), () => []);
    await second.flush(20);
    await second.flush(20);
    const lines = await readMetrics(store, run);
    expect([stepsOf(lines), epochsOf(lines)]).toEqual([upTo(20), [1]]);
  });

  it('have a later part in the place of what it overlaps, should one of a killed trainer be left', async () => {
    await store.write(partKey(run, 10), encodePart({ from: 0, to: 10, lines: [line(5, 1), line(10, 1)] }));
    await store.write(partKey(run, 20), encodePart({ from: 10, to: 20, lines: [line(15, 1), line(20, 1)] }));
    await store.write(partKey(run, 25), encodePart({ from: 10, to: 25, lines: [line(14, 2), line(25, 2)] }));
    const lines = await readMetrics(store, run);
    expect(lines.map((one) => [one.step, one.kind === 'step' && one.loss])).toEqual([
      [5, 1],
      [10, 1],
      [14, 2],
      [25, 2],
    ]);
  });

  it('have null where a figure is no number, and read as one that is none', async () => {
    const tracker = await createTracker(trackerOptions(store));
    tracker.step({ ...stepRecord(1), gradientNorm: Infinity, loss: NaN });
    await tracker.flush(1);
    expect(String(await store.read(partKey(run, 1)))).toContain('"gradient_norm":null');
    expect(await readMetrics(store, run)).toMatchObject([{ gradient_norm: NaN, loss: NaN }]);
  });

  it('are joined into one file at the end, which is read where the parts are gone', async () => {
    const tracker = await createTracker(trackerOptions(store));
    tell(tracker, 0, 40);
    await tracker.finish(runResult(2), samplePictures(3, ['cat', 'dog']));
    const lines = await readMetrics(store, run);
    const joined = String(await store.read(`runs/${run}/metrics.jsonl`));
    expect(joined.trimEnd().split('\n')).toHaveLength(42);
    expect(joined).not.toContain('"kind":"part"');
    for (const step of await listParts(store, run)) await store.remove(partKey(run, step));
    expect(await readMetrics(store, run)).toEqual(lines);
  });

  it('are read some parts at once, in their order, until nobody waits for them', async () => {
    const steps = upTo(20).map((part) => part * 10);
    for (const to of steps) {
      await store.write(partKey(run, to), encodePart({ from: to - 10, to, lines: [line(to, 1)] }));
    }
    const stop = new AbortController();
    let [reading, most, begun] = [0, 0, 0];
    const read: Store['read'] = async (key) => {
      begun += 1;
      most = Math.max(most, (reading += 1));
      if (begun === 20) stop.abort(new Error('nobody waits'));
      // The later a part, the sooner it is there.
      await new Promise((resolve) => setTimeout(resolve, 20 - begun));
      reading -= 1;
      return store.read(key);
    };
    expect(stepsOf(await readMetrics({ ...store, read }, run, stop.signal))).toEqual(steps);
    expect(most).toBe(8);
    begun = 0;
    await expect(readMetrics({ ...store, read }, run, stop.signal)).rejects.toThrow('nobody waits');
    expect(begun).toBe(0);
  });

  it('are none of a run that told none', async () => {
    const tracker = await createTracker(trackerOptions(store));
    await tracker.flush(1);
    expect(await readMetrics(store, run)).toEqual([]);
    expect(await listParts(store, run)).toEqual([]);
  });
});
