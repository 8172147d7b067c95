import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { createFolderStore } from '../../../lib/storage/folder-store';
import type { Store } from '../../../lib/storage/store';
import { createTracker } from '../../../lib/tracking/create-tracker';
import { decodeEvent, type Event } from '../../../lib/tracking/tensorboard/event-schema';
import { eventsFolder } from '../../../lib/tracking/tensorboard/event-files';
import { decodeRecords } from '../../../lib/tracking/tensorboard/tf-records';
import {
  epochMetrics,
  runResult,
  samplePictures,
  stepRecord,
  tell,
  trackedRunId as run,
  trackerOptions,
} from '../../support/tracked-run';
import { findTrackingPython } from '../../support/tracking-python';

const python = findTrackingPython('tensorboard');
if (python === undefined) {
  console.warn('There is no Python with tensorboard here: it does not read our event files.');
}

let folder = '';
let store: Store;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-events-'));
  store = createFolderStore(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function files(): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of store.list(eventsFolder(run))) keys.push(key);
  return keys.sort();
}

async function eventsOf(key: string): Promise<Event[]> {
  return decodeRecords(await store.read(key)).map(decodeEvent);
}

const tagsOf = ({ summary }: Event) => summary?.value.map(({ tag }) => tag) ?? [];

const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

/** A run of 100 steps that is killed at step 70 and goes on from step 30. */
async function trackKilled(classes: readonly string[] = ['cat', 'dog']): Promise<void> {
  const killed = await createTracker(trackerOptions(store));
  for (const [from, to] of [
    [0, 30],
    [30, 70],
  ] as const) {
    tell(killed, from, to);
    await killed.flush(to);
  }
  const resumed = await createTracker(trackerOptions(store, { resumedFrom: 30 }));
  for (const [from, to] of [
    [30, 60],
    [60, 100],
  ] as const) {
    tell(resumed, from, to);
    await resumed.flush(to);
  }
  await resumed.finish(runResult(5, classes), samplePictures(30, classes));
}

describe('event files', () => {
  it('are one a flush, sorted by step, each beginning with its version', async () => {
    await trackKilled();
    const names = (await files()).map((key) => key.slice(eventsFolder(run).length));
    expect(names).toEqual([
      'events.out.tfevents.000000000030',
      'events.out.tfevents.000000000060',
      'events.out.tfevents.000000000100',
      'events.out.tfevents.000000000100.sample',
    ]);
    for (const key of await files()) {
      expect((await eventsOf(key))[0]).toMatchObject({ file_version: 'brain.Event:2' });
    }
  });

  it('have every step once, and say where a run went on, so that a viewer forgets what it saw beyond', async () => {
    await trackKilled();
    const events = (await Promise.all((await files()).map(eventsOf))).flat();
    const steps = events.filter((event) => tagsOf(event).includes('train/loss')).map(({ step }) => step);
    expect(steps).toEqual(upTo(100));
    const restarts = events.filter(({ session_log: session }) => session !== undefined);
    expect(restarts).toMatchObject([{ step: 31, session_log: { status: 1 } }]);
  });

  it('keep what they hold when more of their step is told, each thing once', async () => {
    const first = await createTracker(trackerOptions(store));
    for (const step of upTo(20)) first.step(stepRecord(step));
    await first.flush(20);
    for (const trainer of [first, await createTracker(trackerOptions(store, { resumedFrom: 20 }))]) {
      trainer.epoch(epochMetrics(1), () => [{ name: 'conv1/kernel', values: Float32Array.of(1, 2) }]);
      await trainer.flush(20);
    }
    const events = await eventsOf((await files())[0]!);
    expect(await files()).toHaveLength(1);
    expect(events.filter((event) => tagsOf(event).includes('train/loss'))).toHaveLength(20);
    expect(events.filter((event) => tagsOf(event).includes('validation/loss'))).toHaveLength(1);
    expect(events.filter((event) => tagsOf(event).includes('weights/conv1/kernel'))).toHaveLength(1);
  });

  (python === undefined ? it.skip : it)(
    'are read by TensorBoard: every figure, the histograms, the sample and its pictures',
    async () => {
      await trackKilled(['cat', '<b>|dog']);
      const out = execFileSync(
        python ?? '',
        [join(__dirname, '../../support/read-events.py'), join(folder, eventsFolder(run))],
        { maxBuffer: 1 << 26, stdio: ['ignore', 'pipe', 'ignore'] },
      );
      const read = JSON.parse(String(out));
      expect(read.scalars['train/loss']).toEqual(
        upTo(100).map((step) => [step, Math.fround(stepRecord(step).loss)]),
      );
      expect(read.scalars['validation/accuracy']).toEqual(
        upTo(5).map((epoch) => [epoch * 20, Math.fround(epochMetrics(epoch).validation_accuracy)]),
      );
      expect(read.histograms['weights/conv1/kernel']).toEqual(
        upTo(5).map((epoch) => [epoch * 20, 2000, 2000]),
      );
      expect(read.plugins.text).toEqual(['configuration', 'sample/table']);
      expect(read.plugins.images).toHaveLength(24);

      const [[step, [table]]] = read.tensors['sample/table'];
      expect(step).toBe(100);
      const rows = Buffer.from(table, 'hex').toString().split('\n').slice(2);
      expect(rows).toHaveLength(30);
      expect(rows[0]).toMatch(/\*\*wrong\*\*/);
      expect(rows.every((row) => row.split(/(?<!\\)\|/).length === 7 && !row.includes('<b>'))).toBe(true);

      const [[, [width, height, png]]] = read.tensors['sample/01'];
      expect([width, height].map((text: string) => Buffer.from(text, 'hex').toString())).toEqual([
        '48',
        '48',
      ]);
      const pixels = await sharp(Buffer.from(png, 'hex')).raw().toBuffer();
      const shown = samplePictures(30, ['cat', '<b>|dog']).find((one) => pixels.equals(one.pixels));
      expect(shown?.actual).not.toBe(shown?.predicted);
    },
    120_000,
  );
});
