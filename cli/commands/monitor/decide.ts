import { Failure } from '../../../contracts/failures';
import type { Decision } from '../../../contracts/messages';
import { monitorIds, retraining } from '../../../contracts/monitor';
import type { Console } from '../../display/console';
import type { Outside } from '../../settings';
import { connect, withClient } from '../../temporal/connect';
import { sendDecision } from '../../temporal/send-decision';
import { type MonitorFlags, openMonitored } from './place';

export interface DecisionFlags extends MonitorFlags {
  readonly by: string;
  readonly reason: string;
}

/**
 * Approves or rejects the pipeline that a look which found drift asks for, and waits until that is taken.
 *
 * @throws Failure `not-found` where nothing waits; `start-refused` with its own words; `temporal-unavailable`
 */
export async function decideDrift(
  update: 'approve' | 'reject',
  flags: DecisionFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  const { settings, registry, model } = await openMonitored(flags, outside);
  await withClient(await connect(settings), async (client) => {
    const waiting: string[] = [];
    const query = `WorkflowType = '${retraining}' AND ExecutionStatus = 'Running' AND DroverModel = '${model}'`;
    for await (const { workflowId } of client.workflow.list({ query })) waiting.push(workflowId);
    // The newest version's, where a look at an earlier one is still waited on.
    const champion = (await registry.alias(model, 'champion'))?.alias.version;
    const own = champion === undefined ? undefined : monitorIds.retrain(model, champion);
    const workflowId = waiting.find((id) => id === own) ?? waiting[0];
    if (workflowId === undefined) throw new Failure('not-found', nobodyAsks(model));
    const decision: Decision = { by: flags.by, reason: flags.reason };
    await sendDecision(client, workflowId, update, decision, nobodyAsks(model));
  });
  const { green, yellow } = out.colours;
  if (flags.json === true) out.say(JSON.stringify({ model, done: update }));
  else if (update === 'approve')
    out.say(`${green('Approved')}: a pipeline of ${model} is started. npx drover status shows it.`);
  else out.say(`${yellow('Rejected')}: no pipeline of ${model} is started.`);
}

function nobodyAsks(model: string): string {
  return `Nobody is asked about drift of ${model}.`;
}
