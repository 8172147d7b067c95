import { Failure } from '../../../contracts/failures';
import {
  decide,
  type DecisionWish,
  findItem,
  readReview,
  type ReviewItem,
  shortItem,
} from '../../../lib/feedback/review';
import type { Console } from '../../display/console';
import { counted, plainText } from '../../display/dataset';
import type { Outside } from '../../settings';
import { whoAsks } from '../../who';
import { type FeedbackFlags, openFeedback } from './place';

export interface DecideFlags extends FeedbackFlags {
  readonly by?: string;
  readonly note?: string;
  readonly agreed?: boolean;
  readonly people?: string;
}

type Wish = Pick<DecisionWish, 'action' | 'label'>;

/** Accepts the pictures that are named, or with `--agreed` every one about which all who spoke agree. */
export async function acceptFeedback(
  wished: readonly string[],
  flags: DecideFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  if ((wished.length === 0) === (flags.agreed !== true)) {
    throw new Failure('start-refused', 'Name the pictures to accept, or take all that agree: --agreed.');
  }
  if (flags.agreed !== true) {
    await decideFeedback(wished, { action: 'accept' }, flags, outside, out);
    return;
  }
  const people = /^[1-9]\d{0,5}$/.test(flags.people ?? '1') ? Number(flags.people ?? 1) : undefined;
  if (people === undefined)
    throw new Failure('start-refused', '--people takes how many voices are needed: 1 or more.');
  await decideWith(flags, outside, out, { action: 'accept' }, (items) =>
    items.filter(
      ({ state, decision, settlement }) =>
        state === 'waiting' &&
        // One that was decided before, and doubted since, is for a person to look at.
        decision === undefined &&
        settlement.agreement === 'agreed' &&
        settlement.voices.length >= people,
    ),
  );
}

/** Decides on the pictures that are named: on all of them, or, where one can't be decided on, on none. */
export async function decideFeedback(
  wished: readonly string[],
  wish: Wish,
  flags: DecideFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  await decideWith(flags, outside, out, wish, (items, model) => {
    const review = { model, items, withoutPicture: 0 };
    return [...new Map(wished.map((each) => findItem(review, each)).map((item) => [item.id, item])).values()];
  });
}

async function decideWith(
  flags: DecideFlags,
  outside: Outside,
  out: Console,
  wish: Wish,
  choose: (items: readonly ReviewItem[], model: string) => readonly ReviewItem[],
): Promise<void> {
  const { store, model } = await openFeedback(flags, outside);
  const review = await readReview(store, model);
  const items = choose(review.items, model);
  const by = flags.by ?? whoAsks(outside.environment);
  const done = await decide(store, model, items, { ...wish, by, note: flags.note });
  if (flags.json === true) {
    out.say(JSON.stringify(done, null, 2));
    return;
  }
  if (done.length === 0) {
    out.say('There is no such picture to decide on.');
    return;
  }
  const words = {
    accept: 'Accepted',
    correct: 'Corrected',
    refuse: 'Refused',
    undo: 'Undid the decision on',
  };
  for (const { item, label } of done.slice(0, 20)) {
    out.say(
      `${words[wish.action]} ${shortItem(item)}${label === undefined ? '' : ` as ${plainText(label)}`}.`,
    );
  }
  if (done.length > 20) out.say(`… and ${counted(done.length - 20, 'other')}.`);
  const unknown = done.find(
    ({ action, label }) =>
      action === 'correct' &&
      !items.some(
        ({ answers }) => label !== undefined && Object.hasOwn(answers.at(-1)?.probabilities ?? {}, label),
      ),
  );
  if (unknown?.label !== undefined) {
    out.say(
      out.colours.yellow(
        `The model knows no class ${plainText(unknown.label)}. If that was a slip: npx drover feedback undo ${shortItem(unknown.item)}`,
      ),
    );
  }
  const applied = new Set(items.filter((item) => item.applied).map(({ id }) => id));
  if (wish.action !== 'refuse' || applied.size > 0) {
    out.say(out.colours.dim('What was decided becomes part of the dataset by: npx drover feedback apply'));
  }
}
