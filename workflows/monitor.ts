import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { ParentClosePolicy, startChild, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { LookPlan } from '../activities/monitor';
import { monitorIds, type MonitorInput, type MonitorResult } from '../contracts/monitor';
import type { Look } from '../contracts/schemas/monitor';
import { notification, type RegistryEventInput } from '../contracts/webhooks';
import { waitMilliseconds } from '../contracts/waits';
import { heavy, quick } from './activities';
import { lookDetails } from './monitor-details';
import { notify } from './notify';
import { retrain } from './retrain';
import { attribute } from './search-attributes';
import { showDetails } from './show-details';

/**
 * Looks once whether what users send still looks like what the champion was made of, as a Schedule has it do again and again, and
 * acts by the policy where it does not. It waits for nobody: who is asked is asked by `retrain`, so that looks go on meanwhile.
 */
export async function monitor(given?: MonitorInput): Promise<MonitorResult> {
  const { startTime, runId, workflowId } = workflowInfo();
  const time = startTime.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
  const plan = await quick.planLook(given, {
    // As a promotion's: it begins with the time, and ends with what tells it from others of that time.
    id: `${time}-${runId.slice(-8)}`,
    workflow: workflowId,
    at: startTime.toISOString(),
  });
  const { model } = plan;
  upsertSearchAttributes([{ key: attribute.model, value: model }]);
  if (plan.version === undefined) {
    const reason = `There is no champion of ${model} yet, so that there is nothing to compare with.`;
    showDetails(reason);
    return { model, version: undefined, verdict: 'no-model', reason };
  }
  showDetails(`Comparing what was sent from ${plan.since} to ${plan.until} with version ${plan.version}.`);
  const look = await heavy.lookForDrift({ ...plan, version: plan.version });
  showDetails(lookDetails(look));
  const { verdict, reason, id, report } = look;
  const result = { model, version: look.version, verdict, reason, look: id, report };
  if (verdict !== 'drift' || look.dryRun) return result;
  const cooldown = await cooldownOf(look, plan);
  if (cooldown) {
    await tell(look);
    showDetails(lookDetails(look, { cooldown }));
    return { ...result, cooldown };
  }
  const followUp = await follow(look, plan);
  await tell(look, followUp?.already === false ? plan : undefined);
  if (followUp) showDetails(lookDetails(look, { workflow: followUp.workflow }));
  return { ...result, ...(followUp && { followUp }) };
}

async function cooldownOf({ policy, model, version }: Look, { cooldown }: LookPlan) {
  if (policy === 'alert') return undefined;
  // JSON makes null of undefined.
  return (await quick.cooldownOf({ model, version, at: new Date().toISOString(), cooldown })) ?? undefined;
}

/** Starts what the policy wants beyond telling; one that an earlier look has started is not started twice. */
async function follow(look: Look, plan: LookPlan): Promise<MonitorResult['followUp']> {
  const { policy, model, version, id, reason } = look;
  if (policy === 'alert') return undefined;
  const workflow = monitorIds.retrain(model, version);
  const { config, overrides } = plan.retrain;
  try {
    await startChild(retrain, {
      workflowId: workflow,
      args: [
        {
          ...{ model, version, look: id, reason },
          ...(policy === 'ask' && { approval: plan.approval }),
          pipeline: { ...(config !== undefined && { config }), overrides },
        },
      ],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `${model} version ${version}: drift`,
    });
    return { workflow, policy, already: false };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return { workflow, policy, already: true };
  }
}

/** @param plan - where a person is asked, and was not before */
async function tell(look: Look, plan?: LookPlan): Promise<void> {
  const { model, version, id, reason, report, policy } = look;
  const now = Date.now();
  const event: RegistryEventInput = {
    ...{ id: `${model}.drift.${id}`, kind: 'drift_found', at: new Date(now).toISOString() },
    ...{ model, version, reason, report },
    ...(policy === 'ask' &&
      plan && { deadline: new Date(now + waitMilliseconds(plan.approval.deadline)).toISOString() }),
  };
  try {
    await startChild(notify, {
      workflowId: notification.id(event.id),
      args: [{ event }],
      parentClosePolicy: ParentClosePolicy.ABANDON,
      staticSummary: `${event.kind} ${model} ${version}`,
    });
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
}
