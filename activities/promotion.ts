import { Failure } from '../contracts/failures';
import { championAlias } from '../contracts/names';
import type { EvaluationRef, ManifestRef } from '../contracts/refs';
import type { PromoteResult } from '../contracts/results';
import { preparedIndexSchema } from '../contracts/schemas/documents';
import { evaluationSchema, type Evaluation } from '../contracts/schemas/evaluation';
import { stageInputSchemas, type StageInputs } from '../contracts/schemas/inputs';
import {
  promotionSchema,
  type GateSet,
  type Promotion,
  type PromotionRecord,
} from '../contracts/schemas/promotion';
import { resolveConfiguration } from '../lib/configuration/resolve';
import { readHistory } from '../lib/data/history';
import { countGateUse } from '../lib/promotion/gate-uses';
import { judgePromotion, type Judgement, type PromotionCase } from '../lib/promotion/judge';
import { readPredictions } from '../lib/evaluation/predictions';
import { writePromotion } from '../lib/promotion/records';
import type { FoundAlias, Registry } from '../lib/registry/registry';
import { readJson } from '../lib/storage/refs';
import type { Generation, Store } from '../lib/storage/store';
import { withHeartbeat } from './heartbeat';
import { parseInput } from './input';

export interface JudgeInput {
  readonly model: string;
  readonly version: number;
  readonly evaluation: EvaluationRef;
  readonly rules: Promotion;
  readonly by: string;
  /** Whether it is judged by the audit's gates alone; the evaluations are on the audit's pictures. */
  readonly audit?: boolean;
  /** The champion that was asked for this judgement, on the same dataset version. */
  readonly champion?: {
    readonly version: number;
    readonly evaluation?: EvaluationRef;
    /** Why it has no figures: it knows other classes. */
    readonly incomparable?: string;
  };
}

/** What gates found, with all that the move which may follow must know. */
export interface VersionJudgement extends Judgement {
  readonly gateSet: GateSet;
  /** Where the champion stood; undefined where there was none. */
  readonly expected?: Generation;
}

export interface PromotionMove {
  readonly promotion: string;
  readonly model: string;
  readonly version: number;
  /** As the judgement has it. */
  readonly expected: Generation | undefined;
  readonly by: string;
  readonly reason: string;
  readonly evaluation: EvaluationRef;
}

export type PromotionPlan = StageInputs['promote'] & {
  readonly rules: Promotion;
  /** The sealed pictures of the last gates. */
  readonly audit?: { readonly dataset: string; readonly manifest: ManifestRef };
};

export type RollbackPlan = StageInputs['rollback'] & { readonly expected: Generation };

interface Dependencies {
  readonly store: Store;
  readonly registry: Registry;
  /** The folder whose `configs/` is meant. */
  readonly project: string;
  /** Drover's own configurations, for a project that has none. */
  readonly defaults: string;
}

const dayMs = 86_400_000;

/** Judging versions, and moving the champion. */
export function createPromotionActivities({ store, registry, project, defaults }: Dependencies) {
  /** Figures that a person hands in could be another model's, or another split's. */
  async function candidateFigures({
    model,
    version,
    evaluation,
  }: Pick<JudgeInput, 'model' | 'version' | 'evaluation'>): Promise<Evaluation> {
    const figures = await readJson(store, evaluation, evaluationSchema);
    const { onnx } = (await registry.get(model, version)).model;
    if (figures.model.sha256 === onnx.sha256 && figures.split === 'test') return figures;
    throw new Failure(
      'request-invalid',
      `The evaluation ${evaluation.uri} is not of ${model} version ${version} on a test split; leave it out, and it is made.`,
    );
  }

  /** The newest version of the audit's dataset, which must not be what the model was trained on. */
  async function auditSet(
    { model, version }: Pick<JudgeInput, 'model' | 'version'>,
    dataset: string,
  ): Promise<{ dataset: string; manifest: ManifestRef }> {
    const { lineage } = await registry.get(model, version);
    const trained = await readJson(store, lineage.prepared, preparedIndexSchema);
    const newest = (await readHistory(store, dataset)).at(-1);
    const known = trained.dataset.name === dataset || newest?.manifest.sha256 === lineage.manifest.sha256;
    if (newest === undefined || known) {
      const found =
        newest === undefined ? 'has no version' : 'has the pictures that the model was trained on';
      throw new Failure(
        'configuration-invalid',
        `promote.audit.dataset: ${dataset} ${found}; expected another dataset, made by npx drover data ingest.`,
      );
    }
    return { dataset, manifest: newest.manifest };
  }

  /** @throws Failure `alias-moved` where another stands than was compared with */
  async function standing({ model, champion }: JudgeInput): Promise<FoundAlias | undefined> {
    const current = await registry.alias(model, championAlias);
    if (current?.alias.version === champion?.version) return current;
    throw new Failure('alias-moved', `The champion of ${model} changed during the judgement.`);
  }

  async function caseOf(input: JudgeInput, evaluation: Evaluation): Promise<PromotionCase> {
    const { model, lineage } = await registry.get(input.model, input.version);
    const rules = parseInput(promotionSchema, input.rules, 'promote');
    const gates = (input.audit === true ? rules.audit?.gates : rules.gates) ?? [];
    const compared = gates.some((gate) => gate.not_worse_by !== undefined);
    const predictions = (figures: Evaluation) =>
      compared && figures.predictions ? readPredictions(store, figures.predictions) : undefined;
    const { champion } = input;
    const theirs = champion?.evaluation && (await readJson(store, champion.evaluation, evaluationSchema));
    const { dataset } = await readJson(store, lineage.prepared, preparedIndexSchema);
    const versions = await readHistory(store, dataset.name);
    const made = versions.find(({ version }) => version === lineage.manifest.sha256)?.at;
    return {
      candidate: {
        evaluation,
        predictions: await predictions(evaluation),
        parity: model.parity.maxDifference,
        dataAgeDays: made === undefined ? null : (Date.now() - Date.parse(made)) / dayMs,
      },
      champion: champion && {
        version: champion.version,
        evaluation: theirs,
        predictions: theirs && (await predictions(theirs)),
        incomparable: champion.incomparable,
      },
      rules,
      audit: input.audit,
    };
  }

  return {
    /** Whoever starts a promotion by hand, and names no rules, does not get around the project's gates. */
    async planPromotion(given: unknown): Promise<PromotionPlan> {
      const input = parseInput(stageInputSchemas.promote, given, 'promote');
      const places = { project, store, defaultConfigs: defaults };
      const rules = input.rules ?? (await resolveConfiguration('pipeline', undefined, places)).config.promote;
      const audit = rules.audit && (await auditSet(input, rules.audit.dataset));
      return { ...input, rules, ...(audit && { audit }) };
    },

    /** The version that the champion alias names, or undefined. */
    async champion(model: string): Promise<number | undefined> {
      return (await registry.alias(model, championAlias))?.alias.version;
    },

    /**
     * Judges a version beside the champion, and counts that for the test set, once a promotion. It moves nothing: a champion
     * that was moved since fails the move with `alias-moved`.
     */
    async judgeVersion(input: JudgeInput & { readonly promotion: string }): Promise<VersionJudgement> {
      return withHeartbeat(async () => {
        const { model, version, by, promotion } = input;
        const current = await standing(input);
        const evaluation = await candidateFigures(input);
        const { manifest, split, pictures } = evaluation;
        const use = { promotion, version, at: new Date().toISOString(), by };
        const uses = await countGateUse(store, model, manifest.sha256, use);
        const judgement = judgePromotion(await caseOf(input, evaluation));
        const warning = overused(uses, input.rules.warn_over_uses);
        return {
          ...judgement,
          gateSet: { manifest, split, pictures, uses, ...(warning !== undefined && { warning }) },
          ...(current && { expected: current.generation }),
        };
      });
    },

    /** Moves the champion by compare-and-swap, once a promotion, however often it is asked. @throws Failure `alias-moved` */
    async movePromoted(move: PromotionMove): Promise<void> {
      const { model, ...rest } = move;
      await registry.moveAlias(model, championAlias, rest);
    },

    /** Writes what a promotion has come to, in place of what it was. */
    async keepPromotion(record: PromotionRecord): Promise<void> {
      await writePromotion(store, record);
    },

    /**
     * Judges and moves in one, for promotions that were begun by version 0.1.0. @throws Failure `alias-moved`
     */
    async judgeAndPromote(input: JudgeInput): Promise<PromoteResult> {
      const current = await registry.alias(input.model, championAlias);
      const before = current?.alias.version;
      if (before === input.version) {
        return { promoted: true, champion: before, reason: `version ${before} is the champion already` };
      }
      await standing(input);
      const { verdict, reason } = judgePromotion(await caseOf(input, await candidateFigures(input)));
      if (verdict !== 'pass') return { promoted: false, champion: before, reason };
      await registry.moveAlias(input.model, championAlias, {
        version: input.version,
        expected: current?.generation,
        by: input.by,
        reason,
        evaluation: input.evaluation,
      });
      return { promoted: true, champion: input.version, reason };
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

function overused(uses: number, most: number): string | undefined {
  if (uses <= most) return undefined;
  return (
    `These test pictures have been asked ${uses} times by this model's promotions, more than ${most}: what they say of a ` +
    'version that was chosen by them is too good. A new dataset version with fresh test pictures begins at none.'
  );
}

/** @throws Failure `not-found` where the model has no champion. */
export async function requireChampion(registry: Registry, model: string): Promise<FoundAlias> {
  const champion = await registry.alias(model, championAlias);
  if (champion) return champion;
  throw new Failure('not-found', `The model ${model} has no champion yet; name a version.`);
}
