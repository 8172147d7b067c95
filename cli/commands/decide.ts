import type { Decision } from '../../contracts/messages';
import type { Console } from '../display/console';
import { type Outside, type SettingFlags, settingsOf } from '../settings';
import { connect, withClient } from '../temporal/connect';
import { sendDecision } from '../temporal/send-decision';
import { waitingPromotion } from '../temporal/waiting-promotions';

export interface DecisionFlags extends SettingFlags {
  readonly by: string;
  readonly reason: string;
}

/**
 * Approves or rejects a promotion that waits for a person, and waits until it has taken that.
 *
 * @throws Failure `not-found` where it does not wait; `start-refused` with the promotion's own words
 */
export async function decide(
  update: 'approve' | 'reject',
  wished: string | undefined,
  flags: DecisionFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  await withClient(await connect(settingsOf(flags, outside)), async (client) => {
    const { workflowId, model, version } = await waitingPromotion(client, wished);
    const decision: Decision = { by: flags.by, reason: flags.reason };
    await sendDecision(client, workflowId, update, decision, `The promotion ${workflowId} has ended.`);
    const done =
      update === 'approve'
        ? `${out.colours.green('approved')}: it becomes the champion, unless that has changed meanwhile and the gates refuse it now.`
        : `${out.colours.yellow('rejected')}: the champion stays as it is.`;
    out.say(`${model} version ${version} is ${done}`);
  });
}
