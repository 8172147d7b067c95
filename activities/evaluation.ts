import { storeUri, type ManifestRef, type PreparedRef } from '../contracts/refs';
import type { EvaluateResult } from '../contracts/results';
import { preparedIndexSchema, runResultSchema, type TrainedModel } from '../contracts/schemas/documents';
import { formsSchema } from '../contracts/schemas/forms';
import { stageInputSchemas, type StageInputs } from '../contracts/schemas/inputs';
import { evaluateModel, type EvaluationResult } from '../lib/evaluation/evaluate';
import { evaluationMarkdown } from '../lib/evaluation/report';
import { writeEvaluationReport } from '../lib/evaluation/write-report';
import { inChosenForm } from '../lib/forms/make-forms';
import type { Registry } from '../lib/registry/registry';
import { readJson } from '../lib/storage/refs';
import type { Store } from '../lib/storage/store';
import { requireChampion } from './promotion';
import { withHeartbeat } from './heartbeat';
import { parseInput } from './input';

/** What is judged, and on which dataset version. */
export interface EvaluationPlan {
  readonly model: TrainedModel;
  /** The dataset's name. */
  readonly dataset: string;
  readonly manifest: ManifestRef;
  /** Whose figures they are, for people: `animals version 3`. */
  readonly subject: string;
  readonly robustness: boolean;
}

interface Dependencies {
  readonly store: Store;
  readonly registry: Registry;
}

/** A model's figures on the test split: the only place where that split is used. */
export function createEvaluationActivities({ store, registry }: Dependencies) {
  async function judged(input: StageInputs['evaluate']) {
    if ('run' in input) {
      const { model, prepared, run } = await readJson(store, input.run, runResultSchema);
      const forms = input.forms && (await readJson(store, input.forms, formsSchema));
      return { model: forms ? inChosenForm(model, forms) : model, prepared, subject: `run ${run}` };
    }
    const version = input.version ?? (await requireChampion(registry, input.model)).alias.version;
    const { model, lineage } = await registry.get(input.model, version);
    return { model, prepared: lineage.prepared, subject: `${input.model} version ${version}` };
  }

  return {
    async planEvaluation(given: unknown): Promise<EvaluationPlan> {
      return withHeartbeat(async () => {
        const input = parseInput(stageInputSchemas.evaluate, given, 'evaluate');
        const { model, prepared, subject } = await judged(input);
        const { dataset } = await readJson(store, prepared, preparedIndexSchema);
        return {
          ...{ model, subject },
          dataset: input.dataset ?? dataset.name,
          manifest: input.manifest ?? dataset.manifest,
          // A run's figures are on somebody's way to a model, who waits for them.
          robustness: input.robustness ?? 'model' in input,
        };
      });
    },

    /**
     * The figures, a report beside them, and as `details` a page of Markdown about them for people.
     *
     * @param input.subject - whose figures they are, for the report; a workflow of before 0.2.0 doesn't say
     */
    async evaluateModel({
      subject,
      ...asked
    }: {
      readonly model: TrainedModel;
      readonly prepared: PreparedRef;
      readonly subject?: string;
      readonly robustness?: boolean;
    }): Promise<EvaluateResult & { details: string }> {
      const { ref, evaluation, report } = await withHeartbeat<EvaluationResult & { report: string }>(
        async (onProgress, signal) => {
          const result = await evaluateModel({ store, ...asked, split: 'test', onProgress, signal });
          const name = subject ?? `model ${asked.model.onnx.sha256.slice(0, 12)}`;
          return { ...result, report: await writeEvaluationReport(store, result, name) };
        },
      );
      return {
        report: storeUri(report),
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
