import { readDecisions } from '../../../lib/feedback/log';
import { findItem, readReview } from '../../../lib/feedback/review';
import type { Console } from '../../display/console';
import { counted, minute, plainText } from '../../display/dataset';
import { percent } from '../../display/format';
import type { Outside } from '../../settings';
import { plainItem } from './list';
import { type FeedbackFlags, openFeedback } from './place';

const mostClasses = 5;

/** All that is known of one picture, and every decision on it, undone ones too. */
export async function showFeedback(
  wished: string,
  flags: FeedbackFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  const { store, model } = await openFeedback(flags, outside);
  const item = findItem(await readReview(store, model), wished);
  const log = (await readDecisions(store, model)).filter((decision) => decision.item === item.id);
  if (flags.json === true) {
    out.say(JSON.stringify({ ...plainItem(item), log }, null, 2));
    return;
  }
  const { settlement, answers, said, state, applied, picture } = item;
  out.say(`picture     ${item.id}, ${picture.format}, ${counted(picture.bytes, 'byte')}`);
  out.say(`state       ${state}${applied ? `, part of the dataset ${model}` : ''}`);
  for (const { prediction, at, version, probabilities } of answers) {
    const ranked = Object.entries(probabilities).sort(([, a], [, b]) => b - a);
    const shown = ranked
      .slice(0, mostClasses)
      .map(([label, share]) => `${plainText(label)} ${percent(share)}`);
    out.say(`answer      ${minute(at)} by ${model}@${version}: ${shown.join(', ')}`);
    out.say(`            ${prediction}`);
  }
  for (const { label, by, at, note } of said) {
    out.say(
      `said        ${minute(at)} ${plainText(label)}${by === undefined ? '' : `, by ${plainText(by)}`}${note === undefined ? '' : `: ${plainText(note)}`}`,
    );
  }
  out.say(
    `proposed    ${settlement.label === undefined ? 'nothing, people differ' : plainText(settlement.label)} (${settlement.agreement})`,
  );
  for (const { action, label, by, at, note } of log) {
    out.say(
      `decided     ${minute(at)} ${action}${label === undefined ? '' : ` ${plainText(label)}`}, by ${plainText(by)}${note === undefined ? '' : `: ${plainText(note)}`}`,
    );
  }
}
