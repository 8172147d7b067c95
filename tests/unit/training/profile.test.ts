import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Profile } from '../../../contracts/schemas/rehearsal';
import { runConfigSchema } from '../../../contracts/schemas/run';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { liveTensors } from '../../../lib/tensorflow/handles';
import { chromeTrace } from '../../../lib/training/profile/chrome-trace';
import { createRecorder } from '../../../lib/training/profile/recorder';
import { rehearse } from '../../../lib/training/rehearsal/rehearse';
import { putBars } from '../../support/prepared-bars';

/** A clock that goes on only when it is told to. */
function createClock() {
  let at = 100;
  return { now: () => at, pass: (milliseconds: number) => void (at += milliseconds) };
}

/** One step: 1 ms of choosing, a convolution there (4 ms) and back (8 ms), 2 ms of the optimiser. */
function recordStep(most?: number) {
  const clock = createClock();
  const recorder = createRecorder(clock.now, most);
  const run = (name: string, shapes: number[][], milliseconds: number) =>
    recorder.observer.operation(name, shapes, () => clock.pass(milliseconds));
  recorder.begin();
  clock.pass(1);
  recorder.enter('input');
  run('upload', [[2, 8, 8, 3]], 0.5);
  recorder.observer.layer('conv', 'forward');
  run(
    'Conv2D',
    [
      [2, 8, 8, 3],
      [3, 3, 3, 4],
    ],
    4,
  );
  clock.pass(0.25);
  recorder.observer.layer(undefined, 'forward');
  run('Loss', [[2, 4]], 0.5);
  recorder.observer.layer('conv', 'backward');
  run('Conv2DBackpropFilter', [[2, 8, 8, 4]], 8);
  recorder.observer.layer(undefined, 'backward');
  recorder.enter('optimiser');
  run('ResourceApplyAdam', [[], [3, 3, 3, 4]], 2);
  recorder.end();
  return recorder;
}

describe('a recorder', () => {
  it('counts each part of a step, and what of it lies outside operations', () => {
    const { steps, parts } = recordStep().figures();
    expect(steps).toEqual([16.25]);
    expect(parts).toEqual([
      { name: 'batch', milliseconds: 1, operations: 0 },
      { name: 'input', milliseconds: 0.5, operations: 0.5 },
      { name: 'forward', milliseconds: 4.25, operations: 4 },
      { name: 'loss', milliseconds: 0.5, operations: 0.5 },
      { name: 'backward', milliseconds: 8, operations: 8 },
      { name: 'optimiser', milliseconds: 2, operations: 2 },
      { name: 'between', milliseconds: 0, operations: 0 },
    ]);
  });

  it('gives operations to the layer that they were run for, there and back', () => {
    expect(recordStep().figures().layers).toEqual([{ name: 'conv', forward: 4, backward: 8 }]);
  });

  it('lists the slowest operation first, with its largest input', () => {
    const { operations } = recordStep().figures();
    expect(operations[0]).toEqual({
      name: 'Conv2DBackpropFilter',
      calls: 1,
      milliseconds: 8,
      largest: [2, 8, 8, 4],
    });
    expect(operations.find(({ name }) => name === 'Conv2D')?.largest).toEqual([2, 8, 8, 3]);
  });

  it('keeps no more spans than it may, counts what it leaves out, and loses no figure', () => {
    const recorder = recordStep(3);
    expect(recorder.spans).toHaveLength(3);
    expect(recorder.leftOut).toBe(recordStep().spans.length - 3);
    expect(recorder.figures()).toEqual(recordStep().figures());
  });
});

interface TraceEvent {
  readonly name: string;
  readonly cat: string;
  readonly ph: string;
  readonly ts: number;
  readonly dur: number;
}

function eventsOf(text: string): TraceEvent[] {
  const { traceEvents } = JSON.parse(text) as { traceEvents: TraceEvent[] };
  return traceEvents.filter(({ ph }) => ph === 'X');
}

/** Events that begin within another and end outside it. */
function misnested(events: readonly TraceEvent[]): TraceEvent[] {
  const nano = (value: number): number => Math.round(value * 1000);
  const open: number[] = [];
  return events
    .toSorted((a, b) => a.ts - b.ts || b.dur - a.dur)
    .filter(({ ts, dur }) => {
      while ((open.at(-1) ?? Infinity) <= nano(ts)) open.pop();
      const end = nano(ts) + nano(dur);
      const out = end > (open.at(-1) ?? Infinity);
      open.push(end);
      return out;
    });
}

describe('a trace', () => {
  it('has every span in microseconds from its start, each within what it belongs to', () => {
    const events = eventsOf(chromeTrace(recordStep().spans, {}));
    expect(events.find(({ cat }) => cat === 'step')).toMatchObject({ ts: 0, dur: 16_250 });
    expect(events.find(({ name }) => name === 'Conv2D')).toMatchObject({ ts: 1500, dur: 4000 });
    expect(misnested(events)).toEqual([]);
  });
});

describe('a profile of a training', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'drover-profile-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  async function profiled(trace: { readonly file: string } | { readonly key: string }): Promise<Profile> {
    const store = createFolderStore(folder);
    const config = runConfigSchema.parse({
      network: { name: 'cnn', filters: [6], kernel: 3, dense: 8, dropout: 0.1 },
      // 32 pictures: an epoch is two full batches and a smaller one, which is passed over.
      batch_size: 12,
    });
    const job = { storeLocation: folder, config, prepared: await putBars(store) };
    const result = await rehearse(
      store,
      { ...job, kind: 'profile', steps: 5, warmup: 2, trace },
      () => undefined,
    );
    if (result.kind !== 'profile') throw new Error('a profile was asked for');
    return result;
  }

  it('counts the steps that were asked for, in every layer both ways, and leaves no tensor behind', async () => {
    await profiled({ key: 'runs/first.json' });
    const before = liveTensors();
    const { steps, operations, layers, parts, subject } = await profiled({ key: 'runs/second.json' });
    expect(liveTensors()).toBe(before);
    expect(steps).toHaveLength(5);
    expect(subject).toMatchObject({ phase: 'train', batch: 12 });
    expect(operations.find(({ name }) => name === 'Conv2DBackpropFilter')?.calls).toBe(5);
    const conv = layers.find(({ name }) => name.startsWith('conv'));
    expect(conv?.forward).toBeGreaterThan(0);
    expect(conv?.backward).toBeGreaterThan(0);
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    expect(sum(parts.map(({ milliseconds }) => milliseconds))).toBeCloseTo(sum(steps), 6);
    expect(sum(parts.map((part) => part.operations))).toBeCloseTo(
      sum(operations.map(({ milliseconds }) => milliseconds)),
      6,
    );
  });

  it('writes a trace whose events lie within each other, into the store or a file', async () => {
    const { trace } = await profiled({ key: 'runs/kept.json' });
    const events = eventsOf(await readFile(path.join(folder, 'runs', 'kept.json'), 'utf8'));
    expect(events).toHaveLength(trace.events);
    expect(events.filter(({ cat }) => cat === 'step')).toHaveLength(5);
    expect(misnested(events)).toEqual([]);

    const file = path.join(folder, 'own.json');
    await profiled({ file });
    expect(eventsOf(await readFile(file, 'utf8')).length).toBeGreaterThan(0);
  });

  it('says so where the trace has no folder', async () => {
    await expect(profiled({ file: path.join(folder, 'nowhere', 'trace.json') })).rejects.toMatchObject({
      type: 'path-refused',
    });
  });
});
