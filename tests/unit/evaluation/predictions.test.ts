import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { encodePredictions, readPredictions } from '../../../lib/evaluation/predictions';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { putRef, sha256 } from '../../../lib/storage/refs';

const [pictures, classes] = [300, 2000];

/** What the work gives, and how often a timer had its turn meanwhile. */
async function turnsDuring<T>(work: () => Promise<T>): Promise<{ value: T; turns: number }> {
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 1);
  try {
    return { value: await work(), turns };
  } finally {
    clearInterval(timer);
  }
}

it('answers of thousands of classes are written and read back whole, with turns for heartbeats in between', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'drover-predictions-'));
  try {
    const names = Array.from({ length: pictures }, (_, picture) => sha256(String(picture)));
    const truth = Int32Array.from(names, (_, picture) => picture % classes);
    const probabilities = Float32Array.from({ length: pictures * classes }, (_, at) => 1 / (1 + at));
    const written = await turnsDuring(() => encodePredictions(names, truth, probabilities));
    expect(written.turns).toBeGreaterThanOrEqual(5);

    const store = createFolderStore(folder);
    const ref = await putRef<'predictions'>(store, 'predictions.jsonl', written.value);
    const read = await turnsDuring(() => readPredictions(store, ref));
    expect(read.turns).toBeGreaterThanOrEqual(3);
    expect(read.value.map(({ picture }) => picture)).toEqual(names);
    expect(read.value.map((one) => one.truth)).toEqual([...truth]);
    const row = read.value[299]?.probabilities ?? [];
    expect(Float32Array.from(row)).toEqual(probabilities.subarray(299 * classes));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

it('answers are no longer written once nobody wants them', async () => {
  const signal = AbortSignal.abort(new Error('enough'));
  const asked = encodePredictions(['a'.repeat(64)], Int32Array.of(0), Float32Array.of(1), signal);
  await expect(asked).rejects.toThrow('enough');
});
