import type { Evaluation } from '../../contracts/schemas/evaluation';
import { evaluationSchema } from '../../contracts/schemas/evaluation';
import { createRegistry, type Registry } from '../../lib/registry/registry';
import { putJson } from '../../lib/storage/refs';
import type { Store } from '../../lib/storage/store';
import { modelDraft } from './model-draft';

/** Figures of a model with these classes, ten pictures each: right but for the first class's. */
export function figuresOf(classes: readonly string[], model = 'a'.repeat(64)): Evaluation {
  const ref = (name: string) => ({ uri: `store://${name}`, sha256: model });
  return evaluationSchema.parse({
    model: ref('model.onnx'),
    prepared: ref('index.json'),
    manifest: ref('manifest.jsonl'),
    split: 'test',
    pictures: 10 * classes.length,
    loss: 0.5,
    accuracy: 1 - 0.4 / classes.length,
    accuracyInterval: [0.5, 0.9],
    baseline: 1 / classes.length,
    perClass: classes.map((label, at) => ({
      ...{ class: label, pictures: 10, precision: at === 1 ? 0.7 : 1, recall: at === 0 ? 0.6 : 1 },
      ...{ f1: 0.8, rocAuc: 0.9 },
    })),
    confusion: classes.map((_, truth) =>
      classes.map((_, answer) => (truth === 0 ? [6, 4][answer] : truth === answer ? 10 : 0) ?? 0),
    ),
  });
}

/** A registry with versions of `animals` and their figures; whoever asks moves the aliases. */
export async function registerWithFigures(
  store: Store,
  runs: readonly string[],
  classes: readonly string[] = ['cat', 'dog'],
): Promise<Registry> {
  const registry = createRegistry(store);
  for (const run of runs) {
    const draft = await modelDraft(store, run);
    const evaluation = await putJson<'evaluation'>(store, `evaluations/${run}.json`, figuresOf(classes));
    await registry.register({ ...draft, model: { ...draft.model, classes: [...classes] }, evaluation });
    // Of modelDraft they are no documents, and a page reads them.
    for (const file of ['result.json', 'manifest.jsonl']) await store.remove(`runs/${run}/${file}`);
  }
  return registry;
}
