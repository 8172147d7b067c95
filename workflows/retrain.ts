import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  CancellationScope,
  defineQuery,
  isCancellation,
  ParentClosePolicy,
  setHandler,
  startChild,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { monitorIds, retrainMessages, type RetrainInput, type RetrainResult } from '../contracts/monitor';
import type { FollowUp } from '../contracts/schemas/monitor';
import { waitMilliseconds } from '../contracts/waits';
import { planning, quick } from './activities';
import { Approval } from './approval';
import { rootCause } from './failures';
import { followUpDetails } from './monitor-details';
import { pipeline } from './pipeline';
import { attribute } from './search-attributes';
import { showDetails } from './show-details';

/**
 * What follows a look that has found drift: a person is asked where the policy wants it, labels that were reviewed become part of the
 * dataset, and a pipeline is started, which goes on by itself.
 */
export async function retrain(input: RetrainInput): Promise<RetrainResult> {
  const approval = new Approval('retraining');
  approval.listen();
  const run = new Retraining(input, approval);
  setHandler(defineQuery<FollowUp>(retrainMessages.view), () => run.record);
  upsertSearchAttributes([{ key: attribute.model, value: input.model }]);
  try {
    return await run.run();
  } catch (error) {
    await run.abandon(error);
    throw error;
  }
}

class Retraining {
  record: FollowUp;

  constructor(
    private readonly input: RetrainInput,
    private readonly approval: Approval,
  ) {
    const { model, version, look, reason } = input;
    const { startTime, workflowId } = workflowInfo();
    this.record = {
      ...{ look, model, version, reason, workflow: workflowId },
      state: input.approval === undefined ? 'starting' : 'waiting',
      ...{ since: startTime.toISOString(), reminders: 0 },
    };
  }

  async run(): Promise<FollowUp> {
    const refusal = await this.ask();
    if (refusal !== undefined) return refusal;
    const labels = await planning.addReviewedLabels({ model: this.input.model });
    const workflow = await this.start();
    const added =
      labels === undefined
        ? 'there were no reviewed labels to add'
        : `${labels.pictures} ${labels.pictures === 1 ? 'picture' : 'pictures'} with reviewed labels became part of the dataset`;
    return this.keep({
      ...{ state: 'started', pipeline: workflow },
      ...(labels && { labels }),
      reason: `${this.record.reason.replace(/\.$/, '')}; ${added}`,
    });
  }

  /** A record that says `waiting` of what nobody works on any more would be a lie. */
  async abandon(error: unknown): Promise<void> {
    const cancelled = isCancellation(error);
    const change = cancelled
      ? ({ state: 'cancelled', reason: 'it was cancelled' } as const)
      : ({ state: 'failed', reason: rootCause(error) } as const);
    await this.keep(change);
  }

  /** @returns how it ended, where nobody approved */
  private async ask(): Promise<FollowUp | undefined> {
    const { approval, model, version } = this.input;
    if (approval === undefined) return undefined;
    const deadline = waitMilliseconds(approval.deadline);
    this.approval.open();
    await this.keep({ deadline: new Date(Date.now() + deadline).toISOString() });
    const answer = await this.approval.ask({
      deadline,
      reminder: waitMilliseconds(approval.reminder),
      about: `drift of ${model} version ${version}`,
      onReminder: (reminders) => this.show({ ...this.record, reminders }),
    });
    if (answer === undefined) {
      return this.keep({ state: 'expired', reason: `nobody decided within ${approval.deadline}` });
    }
    const said = `${answer.approved ? 'approved' : 'rejected'} by ${answer.by}: ${answer.reason}`;
    if (!answer.approved) return this.keep({ state: 'rejected', answer, reason: said });
    await this.keep({ state: 'starting', answer, reason: said });
    return undefined;
  }

  /** @returns the pipeline's workflow id; one that an earlier look has started is not started twice. */
  private async start(): Promise<string> {
    const { model, version, pipeline: wanted } = this.input;
    const workflowId = monitorIds.pipeline(model, version);
    try {
      await startChild(pipeline, {
        workflowId,
        args: [
          {
            ...(wanted.config !== undefined && { config: wanted.config }),
            overrides: [`name=${model}`, ...wanted.overrides],
          },
        ],
        parentClosePolicy: ParentClosePolicy.ABANDON,
        staticSummary: `${model}: after drift from version ${version}`,
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
    return workflowId;
  }

  private async keep(change: Partial<FollowUp>): Promise<FollowUp> {
    this.show({ ...this.record, ...change });
    // One that is given up could be written after the next, or the last one never.
    await CancellationScope.nonCancellable(() => quick.keepFollowUp(this.record));
    return this.record;
  }

  private show(record: FollowUp): void {
    this.record = record;
    showDetails(followUpDetails(record));
  }
}
