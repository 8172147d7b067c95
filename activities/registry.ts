import { Failure } from '../contracts/failures';
import { championAlias } from '../contracts/names';
import type { EvaluationRef, RunRef } from '../contracts/refs';
import type { PromoteResult } from '../contracts/results';
import { preparedIndexSchema, runResultSchema } from '../contracts/schemas/documents';
import { evaluationSchema, type Evaluation } from '../contracts/schemas/evaluation';
import { stageInputSchemas, type StageInputs } from '../contracts/schemas/inputs';
import type { Promotion } from '../contracts/schemas/promotion';
import { readLicences } from '../lib/data/card/markdown';
import { judgePromotion } from '../lib/evaluation/gate';
import { evaluationMarkdown } from '../lib/evaluation/report';
import type { FoundAlias, Registry } from '../lib/registry/registry';
import { readJson } from '../lib/storage/refs';
import type { Generation, Store } from '../lib/storage/store';
import { parseInput } from './input';

export interface RegisterInput {
  readonly model: string;
  readonly run: RunRef;
  readonly evaluation: EvaluationRef;
  readonly sweep?: string;
  readonly pipeline?: string;
}

export interface JudgeInput {
  readonly model: string;
  readonly version: number;
  readonly evaluation: EvaluationRef;
  readonly rules: Promotion;
  readonly by: string;
  /** The champion that was asked for this judgement, on the same dataset version. */
  readonly champion?: {
    readonly version: number;
    readonly evaluation?: EvaluationRef;
    /** Why it has no figures: it knows other classes. */
    readonly incomparable?: string;
  };
}

export type RollbackPlan = StageInputs['rollback'] & { readonly expected: Generation };

interface Dependencies {
  readonly store: Store;
  readonly registry: Registry;
}

export function createRegistryActivities({ store, registry }: Dependencies) {
  /** Figures that a person hands in could be another model's, or another split's. */
  async function candidateFigures({ model, version, evaluation }: JudgeInput): Promise<Evaluation> {
    const figures = await readJson(store, evaluation, evaluationSchema);
    const { onnx } = (await registry.get(model, version)).model;
    if (figures.model.sha256 === onnx.sha256 && figures.split === 'test') return figures;
    throw new Failure(
      'request-invalid',
      `The evaluation ${evaluation.uri} is not of ${model} version ${version} on a test split; leave it out, and it is made.`,
    );
  }

  return {
    /** Once a run, however often it is asked for. */
    async registerRun(input: RegisterInput): Promise<{ version: number }> {
      const result = await readJson(store, input.run, runResultSchema);
      const evaluation = await readJson(store, input.evaluation, evaluationSchema);
      const { dataset } = await readJson(store, result.prepared, preparedIndexSchema);
      const { version } = await registry.register({
        name: input.model,
        model: result.model,
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
        notes: `${await readLicences(store, dataset.manifest)}\n\n## Evaluation\n\n${evaluationMarkdown(evaluation)}`,
      });
      return { version };
    },

    async planPromotion(given: unknown): Promise<StageInputs['promote']> {
      return parseInput(stageInputSchemas.promote, given, 'promote');
    },

    /** The version that the champion alias names, or undefined. */
    async champion(model: string): Promise<number | undefined> {
      return (await registry.alias(model, championAlias))?.alias.version;
    },

    /**
     * Judges the candidate beside the champion and moves the alias, in one compare-and-swap: a champion
     * that changed since it was evaluated fails with `alias-moved`, and the judgement must be made again.
     */
    async judgeAndPromote(input: JudgeInput): Promise<PromoteResult> {
      const current = await registry.alias(input.model, championAlias);
      const standing = current?.alias.version;
      if (standing === input.version) {
        return { promoted: true, champion: standing, reason: `version ${standing} is the champion already` };
      }
      if (standing !== input.champion?.version) {
        throw new Failure('alias-moved', `The champion of ${input.model} changed during the judgement.`);
      }
      const { champion } = input;
      const verdict = judgePromotion({
        candidate: await candidateFigures(input),
        champion: champion?.evaluation && (await readJson(store, champion.evaluation, evaluationSchema)),
        ...(standing !== undefined && { championVersion: standing }),
        ...(champion?.incomparable !== undefined && { incomparable: champion.incomparable }),
        rules: input.rules,
      });
      if (!verdict.promote) return { promoted: false, champion: standing, reason: verdict.reason };
      await registry.moveAlias(input.model, championAlias, {
        version: input.version,
        expected: current?.generation,
        by: input.by,
        reason: verdict.reason,
        evaluation: input.evaluation,
      });
      return { promoted: true, champion: input.version, reason: verdict.reason };
    },

    /** Notes where the champion stands, so that the move which follows is made once, however often tried. */
    async planRollback(given: unknown): Promise<RollbackPlan> {
      const input = parseInput(stageInputSchemas.rollback, given, 'rollback');
      const { generation } = await requireChampion(registry, input.model);
      return { ...input, expected: generation };
    },

    async rollbackChampion(plan: RollbackPlan): Promise<PromoteResult> {
      const { version } = await registry.rollback(plan.model, championAlias, plan);
      return { promoted: true, champion: version, reason: plan.reason };
    },
  };
}

/** @throws Failure `not-found` where the model has no champion. */
export async function requireChampion(registry: Registry, model: string): Promise<FoundAlias> {
  const champion = await registry.alias(model, championAlias);
  if (champion) return champion;
  throw new Failure('not-found', `The model ${model} has no champion yet; name a version.`);
}
