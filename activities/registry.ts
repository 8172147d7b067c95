import type { EvaluationRef, FormsRef, RunRef } from '../contracts/refs';
import { preparedIndexSchema, runResultSchema } from '../contracts/schemas/documents';
import { formsSchema } from '../contracts/schemas/forms';
import { evaluationSchema } from '../contracts/schemas/evaluation';
import { formsMarkdown } from '../lib/forms/markdown';
import { inChosenForm, keptBeside } from '../lib/forms/make-forms';
import { readLicences } from '../lib/data/card/markdown';
import { evaluationMarkdown } from '../lib/evaluation/report';
import { cardFigures } from '../lib/registry/card-figures';
import type { Registry } from '../lib/registry/registry';
import { readJson } from '../lib/storage/refs';
import type { Store } from '../lib/storage/store';
import { withHeartbeat } from './heartbeat';

export interface RegisterInput {
  readonly model: string;
  readonly run: RunRef;
  readonly evaluation: EvaluationRef;
  /** Where others than float32 were made. */
  readonly forms?: FormsRef;
  readonly sweep?: string;
  readonly pipeline?: string;
}

interface Dependencies {
  readonly store: Store;
  readonly registry: Registry;
}

export function createRegistryActivities({ store, registry }: Dependencies) {
  return {
    /** Once a run and its chosen form, however often it is asked for. */
    async registerRun(input: RegisterInput): Promise<{ version: number }> {
      // The model's files are copied, some hundred megabytes to a bucket that may be far away.
      return withHeartbeat(async () => {
        const result = await readJson(store, input.run, runResultSchema);
        const forms = input.forms && (await readJson(store, input.forms, formsSchema));
        const evaluation = await readJson(store, input.evaluation, evaluationSchema);
        const { dataset } = await readJson(store, result.prepared, preparedIndexSchema);
        const { version } = await registry.register({
          name: input.model,
          ...(forms
            ? { model: inChosenForm(result.model, forms), otherForms: keptBeside(forms) }
            : { model: result.model }),
          lineage: {
            run: result.run,
            result: input.run,
            prepared: result.prepared,
            manifest: dataset.manifest,
            ...(input.sweep !== undefined && { sweep: input.sweep }),
            ...(input.pipeline !== undefined && { pipeline: input.pipeline }),
          },
          evaluation: input.evaluation,
          metrics: { accuracy: evaluation.accuracy, loss: evaluation.loss, pictures: evaluation.pictures },
          figures: cardFigures(evaluation),
          notes: `${await readLicences(store, dataset.manifest)}\n\n## Evaluation\n\n${evaluationMarkdown(evaluation)}${forms ? `\n\n## Forms\n\n${formsMarkdown(forms)}` : ''}`,
        });
        return { version };
      });
    },
  };
}
