import type { EvaluationRef } from '../../contracts/refs';
import { createRegistry } from '../../lib/registry/registry';
import { putJson, putRef } from '../../lib/storage/refs';
import type { Store } from '../../lib/storage/store';
import { exampleEvaluation } from '../unit/evaluation/example';

/** The dataset version that they are all judged on. */
export const manifest = { uri: 'store://datasets/animals/manifest.jsonl', sha256: 'c'.repeat(64) };

/** Registers versions of one model, each with its evaluation on the same test pictures. */
export async function versionsIn(store: Store, model: string, count: number): Promise<EvaluationRef[]> {
  const registry = createRegistry(store);
  const prepared = await putJson<'prepared'>(store, `prepared/${model}/index.json`, {
    dataset: { name: model, manifest },
    preprocessing: { size: 48, color: 'rgb', fit: 'contain' },
    classes: ['cat', 'dog'],
    shards: [],
    pictures: [],
    labels: [],
    splits: [],
    normalisation: { mean: [0], std: [1] },
    rejected: [],
  });
  const evaluations: EvaluationRef[] = [];
  for (let version = 1; version <= count; version += 1) {
    const put = <Kind extends string>(file: string) =>
      putRef<Kind>(store, `runs/${model}-${version}/${file}`, Buffer.from(`${file} ${version}`));
    const onnx = await put<'onnx'>('model.onnx');
    const evaluation = await putJson<'evaluation'>(
      store,
      `evaluations/${model}-${version}/evaluation.json`,
      exampleEvaluation({ model: onnx, prepared, manifest, accuracy: 0.5 + version / 100 }),
    );
    await registry.register({
      name: model,
      model: {
        classes: ['cat', 'dog'],
        preprocessing: { size: 48, color: 'rgb', fit: 'contain' },
        layers: await put('model.json'),
        weights: await put('weights.bin'),
        onnx,
        parity: { maxDifference: 1e-6, pictures: 8 },
      },
      lineage: { run: `run-${version}`, result: await put('result.json'), prepared, manifest },
      evaluation,
      metrics: { accuracy: 0.5, loss: 0.5, pictures: 640 },
    });
    evaluations.push(evaluation);
  }
  return evaluations;
}
