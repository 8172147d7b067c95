import { preparedIndexSchema } from '../../contracts/schemas/documents';
import type { ModelVersion } from '../../contracts/schemas/registry';
import type { Registry } from '../../lib/registry/registry';
import { putBlob, putJson, putRef } from '../../lib/storage/refs';
import type { Store } from '../../lib/storage/store';
import { modelDraft } from './model-draft';
import { figuresOf } from './registry-with-figures';

const probabilities = { cat: 0.9, dog: 0.1 };

/** Registers a version with two pictures to try it on, of which its evaluation said `cat` with 0.9; the files are no model. */
export async function deployableVersion(
  { store, registry }: { readonly store: Store; readonly registry: Registry },
  run: string,
): Promise<ModelVersion> {
  const pictures = await Promise.all(
    ['one', 'two'].map((name) => putBlob(store, Buffer.from(`picture ${name}`))),
  );
  const digests = pictures.map(({ sha256 }) => sha256);
  const shard = await putRef<'shard'>(store, `prepared/of-${run}/shard-0.bin`, Buffer.from('shard'));
  const manifest = await putRef<'manifest'>(
    store,
    `datasets/animals/of-${run}/manifest.jsonl`,
    Buffer.from(''),
  );
  const index = preparedIndexSchema.parse({
    dataset: { name: 'animals', manifest },
    preprocessing: { size: 48, color: 'rgb', fit: 'contain' },
    classes: ['cat', 'dog'],
    shards: [{ ref: shard, count: 2 }],
    ...{ pictures: digests, labels: [0, 1], splits: ['train', 'test'] },
    normalisation: { mean: [0, 0, 0], std: [1, 1, 1] },
    rejected: [],
  });
  const prepared = await putJson<'prepared'>(store, `prepared/of-${run}/index.json`, index);
  const lines = digests.map((picture) =>
    JSON.stringify({ picture, truth: 0, probabilities: [probabilities.cat, probabilities.dog] }),
  );
  const predictions = await putRef<'predictions'>(
    store,
    `evaluations/of-${run}/predictions.jsonl`,
    Buffer.from(`${lines.join('\n')}\n`),
  );
  const evaluation = await putJson<'evaluation'>(store, `evaluations/of-${run}/evaluation.json`, {
    ...figuresOf(['cat', 'dog']),
    predictions,
  });
  const draft = await modelDraft(store, run);
  return registry.register({ ...draft, evaluation, lineage: { ...draft.lineage, prepared, manifest } });
}
