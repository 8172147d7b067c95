import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { examplePicture } from '../../../cli/champion';
import type { ManifestEntry } from '../../../contracts/schemas/documents';
import type { ModelVersion } from '../../../contracts/schemas/registry';
import { encodePredictions } from '../../../lib/evaluation/predictions';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { encodeLines } from '../../../lib/storage/json-lines';
import { putBlob, putRef, sha256 } from '../../../lib/storage/refs';
import { exampleEvaluation } from '../evaluation/example';

const labels = ['cat', 'dog'];

/** What is tried first of a test set of these pictures, of which the model holds each for the class beside it. */
async function tried(pictures: readonly [label: string, answer: string][]): Promise<string | undefined> {
  const store = createFolderStore(await mkdtemp(join(tmpdir(), 'drover-')));
  const named = pictures.map(([label], at) => ({ label, name: `${label} ${at}` }));
  for (const { name } of named) await putBlob(store, Buffer.from(name));
  const entries = named.map(({ label, name }): ManifestEntry => ({
    ...{ path: `${label}/${name}.png`, label, split: 'test', sha256: sha256(name) },
  }));
  const manifest = await putRef<'manifest'>(store, 'manifest.jsonl', encodeLines(entries));
  const lines = await encodePredictions(
    entries.map((entry) => entry.sha256),
    Int32Array.from(pictures, ([label]) => labels.indexOf(label)),
    Float32Array.from(pictures.flatMap(([, answer]) => labels.map((one) => (one === answer ? 0.9 : 0.1)))),
  );
  const predictions = await putRef<'predictions'>(store, 'predictions.jsonl', lines);
  const version = { lineage: { manifest } } as ModelVersion;
  const found = await examplePicture(store, { version, evaluation: exampleEvaluation({ predictions }) });
  return found?.bytes.toString();
}

it('tries a cat that is answered rightly first, else a cat, else the first that there is', async () => {
  expect(
    await tried([
      ['dog', 'dog'],
      ['cat', 'dog'],
      ['cat', 'cat'],
    ]),
  ).toBe('cat 2');
  expect(
    await tried([
      ['dog', 'dog'],
      ['cat', 'dog'],
    ]),
  ).toBe('cat 1');
  expect(
    await tried([
      ['dog', 'cat'],
      ['dog', 'dog'],
    ]),
  ).toBe('dog 1');
});
