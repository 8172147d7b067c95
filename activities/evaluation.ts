import type { ManifestRef, PreparedRef } from '../contracts/refs';
import type { EvaluateResult } from '../contracts/results';
import { preparedIndexSchema, runResultSchema, type TrainedModel } from '../contracts/schemas/documents';
import { stageInputSchemas } from '../contracts/schemas/inputs';
import { evaluateModel } from '../lib/evaluation/evaluate';
import { evaluationMarkdown } from '../lib/evaluation/report';
import type { Registry } from '../lib/registry/registry';
import { readJson } from '../lib/storage/refs';
import type { Store } from '../lib/storage/store';
import { requireChampion } from './registry';
import { withHeartbeat } from './heartbeat';
import { parseInput } from './input';

/** What is judged, and on which dataset version. */
export interface EvaluationPlan {
  readonly model: TrainedModel;
  /** The dataset's name. */
  readonly dataset: string;
  readonly manifest: ManifestRef;
}

interface Dependencies {
  readonly store: Store;
  readonly registry: Registry;
}

/** A model's figures on the test split: the only place where that split is used. */
export function createEvaluationActivities({ store, registry }: Dependencies) {
  return {
    async planEvaluation(given: unknown): Promise<EvaluationPlan> {
      return withHeartbeat(async () => {
        const input = parseInput(stageInputSchemas.evaluate, given, 'evaluate');
        const { model, prepared } =
          'run' in input
            ? await readJson(store, input.run, runResultSchema)
            : await (async () => {
                const version = input.version ?? (await requireChampion(registry, input.model)).alias.version;
                const registered = await registry.get(input.model, version);
                return { model: registered.model, prepared: registered.lineage.prepared };
              })();
        const index = await readJson(store, prepared, preparedIndexSchema);
        return { model, dataset: index.dataset.name, manifest: input.manifest ?? index.dataset.manifest };
      });
    },

    /** The figures, and as `details` a page of Markdown about them for people. */
    async evaluateModel({
      model,
      prepared,
    }: {
      model: TrainedModel;
      prepared: PreparedRef;
    }): Promise<EvaluateResult & { details: string }> {
      const { ref, evaluation } = await withHeartbeat<Awaited<ReturnType<typeof evaluateModel>>>(
        (onProgress, signal) => evaluateModel({ store, model, prepared, split: 'test', onProgress, signal }),
      );
      return {
        evaluation: ref,
        accuracy: evaluation.accuracy,
        interval: evaluation.accuracyInterval,
        baseline: evaluation.baseline,
        pictures: evaluation.pictures,
        details: evaluationMarkdown(evaluation),
      };
    },
  };
}
