import {
  CancellationScope,
  defineQuery,
  getExternalWorkflowHandle,
  isCancellation,
  patched,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { VersionJudgement } from '../activities/promotion';
import type { PromoteInput } from '../contracts/inputs';
import {
  awaitsPerson,
  promotionMessages,
  type AwaitsPerson,
  type PromotionView,
} from '../contracts/messages';
import type { EvaluationRef, ManifestRef } from '../contracts/refs';
import type { PromoteResult } from '../contracts/results';
import type { GateSet, PromotionRecord, PromotionState } from '../contracts/schemas/promotion';
import { waitMilliseconds } from '../contracts/waits';
import { planning, quick } from './activities';
import { Approval, type Answer } from './approval';
import { failureType, rootCause } from './failures';
import { promoteAtOnce } from './promote-at-once';
import { promotionDetails } from './promotion-details';
import { championFigures, figures, sameSet } from './promotion-figures';
import { attribute } from './search-attributes';
import { showDetails } from './show-details';

type Plan = Awaited<ReturnType<typeof quick.planPromotion>>;
type Judged = VersionJudgement & {
  readonly champion: number | undefined;
  readonly evaluation: EvaluationRef;
  readonly championEvaluation?: EvaluationRef;
  /** The sealed pictures, where they were looked at. */
  readonly audit?: GateSet;
};

/**
 * Judges a registered version by its gates and moves `champion` to it, after a person's approval where that is asked for. A
 * champion that changes meanwhile, also while a person is waited for, starts the judgement anew.
 */
export async function promote(given: PromoteInput): Promise<PromoteResult> {
  if (!patched('promotion-by-gates')) return promoteAtOnce(given);
  const approval = new Approval();
  approval.listen();
  const plan = await quick.planPromotion(given);
  const { model, version } = plan;
  upsertSearchAttributes([{ key: attribute.model, value: model }]);
  const standing = await quick.champion(model);
  if (standing === version) return already(standing);
  const promotion = new Promotion(plan, approval);
  try {
    return await promotion.run();
  } catch (error) {
    await promotion.abandon(error);
    throw error;
  }
}

function already(version: number): PromoteResult {
  const reason = `version ${version} is the champion already`;
  showDetails(reason);
  return { promoted: true, champion: version, reason };
}

/** One promotion on its way, with the record of it. */
class Promotion {
  private readonly id: string;
  private record: PromotionRecord | undefined;
  /** What a person has approved, though these gates were undecided. */
  private agreed: { readonly answer: Answer; readonly open: ReadonlySet<string> } | undefined;

  constructor(
    private readonly plan: Plan,
    private readonly approval: Approval,
  ) {
    const { startTime, runId } = workflowInfo();
    const time = startTime.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
    // A run's id begins with the time and ends with what tells it from others of that time.
    this.id = `v${plan.version}-${time}-${runId.slice(-8)}`;
    setHandler(defineQuery<PromotionView>(promotionMessages.view), (): PromotionView => ({
      model: plan.model,
      version: plan.version,
      state: this.record?.state ?? 'judging',
      ...(this.record && { record: this.record }),
    }));
  }

  async run(): Promise<PromoteResult> {
    const { plan } = this;
    for (;;) {
      const judged = await this.judge();
      if (judged === 'already') return this.endAlready();
      if (judged === undefined) continue;
      if (plan.dryRun) return this.end(judged, 'judged', dryRunReason(judged));
      if (judged.verdict === 'fail') return this.end(judged, 'refused', judged.reason);
      if (judged.verdict === 'ask' && !this.covers(judged)) {
        const refusal = await this.ask(judged);
        if (refusal) return refusal;
      }
      const moved = await this.move(judged);
      if (moved) return moved;
    }
  }

  /** Somebody else has moved the champion to it; a record that says `waiting` is not left behind. */
  private async endAlready(): Promise<PromoteResult> {
    const result = already(this.plan.version);
    if (this.record) {
      await this.keep({ ...this.record, state: 'promoted', reason: result.reason, endedAt: now() });
    }
    return result;
  }

  /** A record that says `waiting` of a promotion that nobody works on any more would be a lie. */
  async abandon(error: unknown): Promise<void> {
    const { record } = this;
    if (record === undefined || record.endedAt !== undefined) return;
    const reason = isCancellation(error) ? 'the promotion was cancelled' : rootCause(error);
    await this.keep({ ...record, state: 'cancelled', reason, endedAt: now() });
  }

  /** @returns undefined where the champion changed meanwhile */
  private async judge(): Promise<Judged | 'already' | undefined> {
    const { model, version, audit } = this.plan;
    const standing = await quick.champion(model);
    if (standing === version) return 'already';
    try {
      const manifest = await sameSet({ model, version });
      const evaluation = this.plan.evaluation ?? (await figures({ model, version, manifest }));
      const judged = await this.judgeOn({ manifest }, evaluation, standing);
      // Whoever is refused without the sealed pictures does not see them; nor does a trial run.
      if (audit === undefined || judged.verdict === 'fail' || this.plan.dryRun) return judged;
      const sealed = await this.judgeOn(audit, await figures({ model, version, ...audit }), standing, true);
      return withAudit(judged, sealed);
    } catch (error) {
      if (failureType(error) !== 'alias-moved') throw error;
      return undefined;
    }
  }

  private async judgeOn(
    set: { readonly manifest: ManifestRef; readonly dataset?: string },
    evaluation: EvaluationRef,
    standing: number | undefined,
    audit = false,
  ): Promise<Judged> {
    const { model, version, rules, by } = this.plan;
    const champion =
      standing === undefined
        ? undefined
        : { version: standing, ...(await championFigures({ model, version: standing, ...set })) };
    const judgement = await planning.judgeVersion({
      promotion: this.id,
      model,
      version,
      evaluation,
      rules,
      by,
      ...(audit && { audit }),
      ...(champion && { champion }),
    });
    return {
      ...judgement,
      champion: standing,
      evaluation,
      ...(champion && 'evaluation' in champion && { championEvaluation: champion.evaluation }),
    };
  }

  /** Whether a person has agreed to all that is open now: to another champion's gates they did not. */
  private covers(judged: Judged): boolean {
    const { agreed } = this;
    return agreed !== undefined && [...openGates(judged)].every((gate) => agreed.open.has(gate));
  }

  /** @returns how it ended, where nobody approved */
  private async ask(judged: Judged): Promise<PromoteResult | undefined> {
    const { approval } = this.plan.rules;
    const { model, version } = this.plan;
    const deadline = waitMilliseconds(approval.deadline);
    const question = {
      since: now(),
      deadline: new Date(Date.now() + deadline).toISOString(),
      reminders: 0,
    };
    const waiting: PromotionRecord = {
      ...this.recordOf(judged, 'waiting', judged.reason),
      approval: question,
    };
    this.approval.open();
    await this.keep(waiting);
    await this.tellPipeline({
      reason: judged.reason,
      deadline: question.deadline,
      champion: judged.champion,
    });
    const answer = await this.approval.ask({
      deadline,
      reminder: waitMilliseconds(approval.reminder),
      about: `${model} version ${version}`,
      onReminder: (reminders) => this.show({ ...waiting, approval: { ...question, reminders } }),
    });
    const asked = { ...question, reminders: this.record?.approval?.reminders ?? 0 };
    if (answer?.approved === true) {
      this.agreed = { answer, open: openGates(judged) };
      this.record = { ...waiting, approval: { ...asked, answer } };
      return undefined;
    }
    this.record = { ...waiting, approval: { ...asked, ...(answer && { answer }) } };
    return answer === undefined
      ? this.end(judged, 'expired', `nobody decided within ${approval.deadline}`)
      : this.end(judged, 'rejected', `rejected by ${answer.by}: ${answer.reason}`);
  }

  /** @returns undefined where the champion changed meanwhile */
  private async move(judged: Judged): Promise<PromoteResult | undefined> {
    const { model, version, by } = this.plan;
    const answer = this.agreed?.answer;
    const reason = answer ? `${answer.reason} (${judged.reason})` : judged.reason;
    const move = {
      promotion: this.id,
      model,
      version,
      expected: judged.expected,
      by: answer ? `${by}, approved by ${answer.by}` : by,
      reason,
      evaluation: judged.evaluation,
    };
    try {
      // Once asked for, it may be done whoever cancels: what has come of it is waited for, and told.
      await CancellationScope.nonCancellable(() => quick.movePromoted(move));
    } catch (error) {
      if (failureType(error) !== 'alias-moved') throw error;
      return undefined;
    }
    return this.end(judged, 'promoted', reason);
  }

  private async end(judged: Judged, state: PromotionState, reason: string): Promise<PromoteResult> {
    await this.keep({ ...this.recordOf(judged, state, reason), endedAt: now() });
    const { gates, gateSet } = judged;
    return {
      promoted: state === 'promoted',
      champion: state === 'promoted' ? this.plan.version : judged.champion,
      reason,
      state,
      promotion: this.id,
      gates,
      uses: gateSet.uses,
      ...(gateSet.warning !== undefined && { warning: gateSet.warning }),
    };
  }

  private recordOf(judged: Judged, state: PromotionState, reason: string): PromotionRecord {
    const { model, version, by, dryRun, reason: asked } = this.plan;
    const { champion, evaluation, championEvaluation, gateSet, gates, audit } = judged;
    const { startTime, workflowId } = workflowInfo();
    return {
      id: this.id,
      model,
      version,
      state,
      dryRun,
      by,
      ...(asked !== undefined && { asked }),
      workflow: workflowId,
      startedAt: startTime.toISOString(),
      champion: champion ?? null,
      evaluation,
      ...(championEvaluation && { championEvaluation }),
      gateSet,
      ...(audit && { audit }),
      gates: [...gates],
      reason,
      ...(this.record?.approval && { approval: this.record.approval }),
    };
  }

  private async keep(record: PromotionRecord): Promise<void> {
    this.show(record);
    // One that is given up could be written after the next, or the last one never.
    await CancellationScope.nonCancellable(() => quick.keepPromotion(record));
  }

  private show(record: PromotionRecord): void {
    this.record = record;
    showDetails(promotionDetails(record));
  }

  /** A pipeline does not stay open for as long as a person may take. One that has ended needs no word. */
  private async tellPipeline(told: AwaitsPerson): Promise<void> {
    const { parent } = workflowInfo();
    if (parent === undefined) return;
    try {
      await getExternalWorkflowHandle(parent.workflowId, parent.runId).signal(awaitsPerson, told);
    } catch (error) {
      if (isCancellation(error)) throw error;
    }
  }
}

/** Both judgements in one: what either refuses is refused, and what either asks is asked. */
function withAudit(judged: Judged, sealed: Judged): Judged {
  const worse = (['fail', 'ask', 'pass'] as const).find((one) =>
    [judged.verdict, sealed.verdict].includes(one),
  );
  return {
    ...judged,
    verdict: worse ?? 'fail',
    gates: [...judged.gates, ...sealed.gates.map((one) => ({ ...one, gate: `audit: ${one.gate}` }))],
    reason:
      sealed.verdict === 'fail' ? `audit: ${sealed.reason}` : `${judged.reason}; audit: ${sealed.reason}`,
    audit: sealed.gateSet,
  };
}

function openGates({ gates }: Judged): ReadonlySet<string> {
  return new Set(gates.filter(({ verdict }) => verdict === 'undecided').map(({ gate }) => gate));
}

function dryRunReason({ verdict, reason }: Judged): string {
  const would = { pass: 'would be promoted', fail: 'would not be promoted', ask: 'would wait for a person' };
  return `${would[verdict]}: ${reason}`;
}

function now(): string {
  return new Date().toISOString();
}
