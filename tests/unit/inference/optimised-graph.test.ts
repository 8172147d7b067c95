import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openClassifier } from '../../../lib/inference/classifier';
import { optimisedGraph } from '../../../lib/inference/optimised-graph';
import { sha256 } from '../../../lib/storage/refs';
import { colorModel } from '../../api/color-model';

describe('an optimised graph', () => {
  const onnx = colorModel();
  const digest = sha256(onnx);
  const pixels = Uint8Array.from({ length: 8 * 8 * 3 }, (_, index) => (index * 7) % 256);
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'drover-graphs-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function answerOf(bytes: Uint8Array, optimised: boolean): Promise<Float32Array> {
    const classifier = await openClassifier(bytes, { threads: 1, optimised });
    const answer = await classifier.classify(pixels, 1);
    await classifier.dispose();
    return answer;
  }

  it('answers as the model does, and is found again', async () => {
    const made = await optimisedGraph(onnx, digest, folder);
    expect(await answerOf(made, true)).toEqual(await answerOf(onnx, false));
    const names = await readdir(folder);
    expect(names).toHaveLength(1);
    expect(await optimisedGraph(onnx, digest, folder)).toEqual(made);
    expect(await readdir(folder)).toEqual(names);
  });

  it('is made again where the one that is kept was changed', async () => {
    const made = await optimisedGraph(onnx, digest, folder);
    const [name = ''] = await readdir(folder);
    await writeFile(join(folder, name), Buffer.concat([made, Buffer.from([0])]));
    const again = await optimisedGraph(onnx, digest, folder);
    expect(await answerOf(again, true)).toEqual(await answerOf(onnx, false));
    expect(await readFile(join(folder, (await readdir(folder))[0] ?? ''))).toEqual(Buffer.from(again));
  });

  it('is kept of the newest models alone', async () => {
    for (let count = 0; count < 9; count += 1) await optimisedGraph(onnx, sha256(String(count)), folder);
    expect(await readdir(folder)).toHaveLength(6);
  });

  it('takes away what a process left that was killed in the middle of one, and nothing that may still be made', async () => {
    const hours = Date.now() / 1000 - 2 * 3600;
    for (const name of ['unfinished-1-1', 'unfinished-2-2']) await writeFile(join(folder, name), 'half');
    await utimes(join(folder, 'unfinished-1-1'), hours, hours);
    await optimisedGraph(onnx, digest, folder);
    expect((await readdir(folder)).filter((name) => !name.endsWith('.onnx'))).toEqual(['unfinished-2-2']);
  });

  it('is none for what is no model, and nothing is left behind', async () => {
    await expect(optimisedGraph(Buffer.from('no model'), digest, folder)).rejects.toThrow();
    expect(await readdir(folder)).toEqual([]);
  });
});
