import { Failure } from '../../../contracts/failures';
import { modelsWithFeedback } from '../../../lib/feedback/items';
import { readReview, type ReviewItem, shortItem } from '../../../lib/feedback/review';
import type { Console } from '../../display/console';
import { counted, plainText } from '../../display/dataset';
import { table } from '../../display/table';
import type { Outside } from '../../settings';
import { sinceOf } from '../predictions/place';
import { type FeedbackFlags, openFeedback } from './place';

export interface ListFlags extends FeedbackFlags {
  readonly since?: string;
  readonly state?: string;
  readonly differing?: boolean;
  readonly limit: string;
}

const states = ['waiting', 'accepted', 'corrected', 'refused'];

/** The pictures that somebody said something of, those that wait first, and of those the newest. */
export async function listFeedback(flags: ListFlags, outside: Outside, out: Console): Promise<void> {
  if (flags.state !== undefined && !states.includes(flags.state)) {
    throw new Failure('start-refused', `--state takes ${states.join(', ')}.`);
  }
  if (!/^[1-9]\d{0,6}$/.test(flags.limit)) {
    throw new Failure('start-refused', '--limit takes how many pictures to show: 1 or more.');
  }
  const { store, model } = await openFeedback(flags, outside);
  const since = sinceOf(flags.since, Date.now());
  const review = await readReview(store, model, since === undefined ? {} : { since });
  const wanted = review.items
    .filter(({ state }) => flags.state === undefined || state === flags.state)
    .filter(({ settlement }) => flags.differing !== true || settlement.agreement !== 'agreed')
    .sort((a, b) => Number(a.state !== 'waiting') - Number(b.state !== 'waiting'));
  const shown = wanted.slice(0, Number(flags.limit));
  if (flags.json === true) {
    out.say(JSON.stringify(shown.map(plainItem), null, 2));
    return;
  }
  if (review.items.length === 0) {
    const others = (await modelsWithFeedback(store)).filter((name) => name !== model);
    out.say(
      `Nobody has said anything of a picture of ${model}${others.length > 0 ? `, but of ${others.join(', ')}: --model ${others[0] ?? ''}` : ''}.`,
    );
  } else if (wanted.length === 0) out.say('There are no such pictures.');
  else sayItems(shown, out);
  const more = wanted.length - shown.length;
  if (more > 0) out.say(out.colours.dim(`… and ${counted(more, 'other')}; --limit shows more`));
  if (review.withoutPicture > 0) {
    out.say(
      out.colours.dim(
        `Of ${counted(review.withoutPicture, 'prediction')} with a label no picture was kept, so that nothing can be learnt of it.`,
      ),
    );
  }
}

/** An item as JSON has it. */
export function plainItem(item: ReviewItem) {
  const { id, model, picture, answers, said, settlement, state, decision = null, applied } = item;
  const { agreement, label: proposed = null, voices } = settlement;
  return {
    id,
    model,
    state,
    applied,
    agreement,
    proposed,
    voices: voices.length,
    decision,
    picture,
    answers,
    said,
  };
}

function sayItems(items: readonly ReviewItem[], out: Console): void {
  const { dim, yellow } = out.colours;
  const [header = '', ...rows] = table(
    ['picture', 'state', 'model', 'people', 'label', 'by', 'last said (UTC)'],
    items.map(({ id, state, applied, answers, settlement, decision, said }) => [
      shortItem(id),
      applied ? `${state}, applied` : state,
      plainText(answers.at(-1)?.predicted ?? ''),
      `${settlement.agreement} (${settlement.voices.length})`,
      plainText((state === 'waiting' ? settlement.label : decision?.label) ?? ''),
      plainText(state === 'waiting' ? '' : (decision?.by ?? '')),
      said.at(-1)?.at.slice(0, 16).replace('T', ' ') ?? '',
    ]),
  );
  out.say(dim(header));
  rows.forEach((row, at) => {
    const item = items[at];
    out.say(item?.state === 'waiting' && item.settlement.agreement === 'tied' ? yellow(row) : row);
  });
}
