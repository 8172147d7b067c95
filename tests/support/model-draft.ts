import type { ModelDraft } from '../../lib/registry/registry';
import { putRef } from '../../lib/storage/refs';
import type { Store } from '../../lib/storage/store';

/** A model that may be registered, its files written into the store first; none of them is what its name says. */
export async function modelDraft(
  store: Store,
  run: string,
  changes: Partial<ModelDraft> = {},
): Promise<ModelDraft> {
  const put = <Kind extends string>(file: string) =>
    putRef<Kind>(store, `runs/${run}/${file}`, Buffer.from(`${file} of ${run}`));
  return {
    name: 'animals',
    model: {
      classes: ['cat', 'dog'],
      preprocessing: { size: 48, color: 'rgb', fit: 'contain' },
      layers: await put('model.json'),
      weights: await put('weights.bin'),
      onnx: await put('model.onnx'),
      parity: { maxDifference: 1e-6, pictures: 8 },
    },
    lineage: {
      run,
      result: await put('result.json'),
      prepared: await put('index.json'),
      manifest: await put('manifest.jsonl'),
    },
    evaluation: await put('evaluation.json'),
    metrics: { accuracy: 0.875, loss: 0.5, pictures: 64 },
    ...changes,
  };
}
