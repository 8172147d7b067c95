import { Failure } from '../../contracts/failures';
import type { ReviewDecision } from '../../contracts/schemas/feedback';
import { newClassSchema } from '../../contracts/schemas/kept-predictions';
import { readAdditions } from '../data/additions';
import type { PredictionWindow } from '../predictions/read';
import type { Store } from '../storage/store';
import { type FeedbackItem, gatherFeedback } from './items';
import { appendDecisions, readDecisions, type Standing, standingDecisions } from './log';

/** `waiting`: nobody has decided, or somebody has said another label since. */
export type ReviewState = 'waiting' | 'accepted' | 'corrected' | 'refused';

/** A picture with what was said of it and what was decided. */
export interface ReviewItem extends FeedbackItem {
  readonly state: ReviewState;
  /** The decision that holds, also where somebody has said another label since. */
  readonly decision: Standing | undefined;
  /** The dataset has it, by an earlier `apply`. */
  readonly applied: boolean;
}

export interface Review {
  readonly model: string;
  readonly items: readonly ReviewItem[];
  readonly withoutPicture: number;
}

const states = { accept: 'accepted', correct: 'corrected', refuse: 'refused' } as const;

/** @throws as {@link gatherFeedback} */
export async function readReview(
  store: Store,
  model: string,
  window: PredictionWindow = {},
): Promise<Review> {
  const { items, withoutPicture } = await gatherFeedback(store, model, window);
  return { model, withoutPicture, items: await withDecisions(store, model, items) };
}

/** Puts to pictures what was decided of them by now, which costs two reads. */
export async function withDecisions(
  store: Store,
  model: string,
  items: readonly FeedbackItem[],
): Promise<readonly ReviewItem[]> {
  const standing = standingDecisions(await readDecisions(store, model));
  const applied = new Set((await readAdditions(store, model)).map(({ sha256 }) => sha256));
  return items.map((item) => {
    const decision = standing.get(item.id);
    const state = decision === undefined || isDoubted(item, decision) ? 'waiting' : states[decision.action];
    return { ...item, state, decision, applied: applied.has(item.id) };
  });
}

/** A label that was said since and is another opens a decision anew; a refusal stays one, or whoever sends labels could undo it. */
function isDoubted({ said }: FeedbackItem, { action, label, at }: Standing): boolean {
  return action !== 'refuse' && said.some((each) => each.at > at && each.label !== label);
}

/**
 * The item that a person means: by the first digits of the picture's SHA-256, or the id of a prediction.
 *
 * @throws Failure `not-found`; `request-invalid` where several begin so
 */
export function findItem(review: Review, wished: string): ReviewItem {
  const wish = wished.toLowerCase();
  const byPrediction = review.items.find(({ answers }) =>
    answers.some(({ prediction }) => prediction === wish),
  );
  if (byPrediction !== undefined) return byPrediction;
  if (!/^[0-9a-f]{4,64}$/.test(wish)) {
    throw new Failure(
      'request-invalid',
      "Name a picture by the first digits of its SHA-256 (four at least), or by a prediction's id: npx drover feedback list",
    );
  }
  const found = review.items.filter(({ id }) => id.startsWith(wish));
  const [item, second] = found;
  if (item !== undefined && second === undefined) return item;
  throw item === undefined
    ? new Failure(
        'not-found',
        `Nothing was said of a picture ${wish} of ${review.model}: npx drover feedback list`,
      )
    : new Failure('request-invalid', `${found.length} pictures begin with ${wish}. Give more digits.`);
}

export interface DecisionWish {
  readonly action: 'accept' | 'correct' | 'refuse' | 'undo';
  /** Of `correct`; of `accept` it is what the rule proposes. */
  readonly label?: string | undefined;
  readonly by: string;
  readonly note?: string | undefined;
  /** The number of the decision that held when somebody looked, 0 for none; left out: the items' own. */
  readonly seen?: number;
}

/**
 * Decides on pictures, as they were seen: where somebody else has decided on one meanwhile, nothing is written at all.
 *
 * @param items - of `model`, as {@link readReview} gave them
 * @returns what was added to the log
 * @throws Failure `feedback-decided` where one is decided already, or was meanwhile; `request-invalid` where there is no label to accept,
 *   or nothing to undo; `label-unknown` where a label can be none
 */
export async function decide(
  store: Store,
  model: string,
  items: readonly ReviewItem[],
  wish: DecisionWish,
  now: Date = new Date(),
): Promise<readonly ReviewDecision[]> {
  const wanted = items.map((item) => ({ item, label: labelOf(item, wish) }));
  return appendDecisions(store, model, (log) => {
    const standing = standingDecisions(log);
    return wanted.map(({ item, label }) => {
      const holds = standing.get(item.id);
      if ((holds?.seq ?? 0) !== (wish.seen ?? item.decision?.seq ?? 0)) throw overtaken(item, holds, log);
      if (wish.action === 'undo' && holds === undefined) {
        throw new Failure(
          'request-invalid',
          `Nothing was decided of ${shortItem(item.id)}, so there is nothing to undo.`,
        );
      }
      if (wish.action !== 'undo' && holds !== undefined && item.state !== 'waiting') {
        throw new Failure('feedback-decided', `${sentence(item.id, holds)} Undo that first.`);
      }
      return {
        ...{ item: item.id, action: wish.action, by: wish.by, at: now.toISOString() },
        ...(label !== undefined && { label }),
        ...(wish.note !== undefined && wish.note !== '' && { note: wish.note }),
      };
    });
  });
}

function labelOf(item: ReviewItem, { action, label }: DecisionWish): string | undefined {
  if (action === 'accept') {
    const proposed = item.settlement.label;
    if (proposed !== undefined) return proposed;
    const labels = [...new Set(item.settlement.voices.map((voice) => voice.label))].join(', ');
    throw new Failure(
      'request-invalid',
      `People differ about ${shortItem(item.id)} (${labels}), and no label has more than half of the voices. Correct it to the right one.`,
    );
  }
  if (action !== 'correct') return undefined;
  const known = item.answers.some(
    ({ probabilities }) => label !== undefined && Object.hasOwn(probabilities, label),
  );
  const wasSaid = item.said.some((each) => each.label === label);
  if (label !== undefined && (known || wasSaid || newClassSchema.safeParse(label).success)) return label;
  throw new Failure(
    'label-unknown',
    `A class is expected: one of ${classesOf(item).slice(0, 50).join(', ')}, or the name of a new one in lower-case letters, digits, - and _.`,
  );
}

/** The classes that a picture may be corrected to: what the model knows, and what somebody said. */
export function classesOf({ answers, said }: Pick<FeedbackItem, 'answers' | 'said'>): string[] {
  return [
    ...new Set([
      ...Object.keys(answers.at(-1)?.probabilities ?? {}).sort(),
      ...said.map(({ label }) => label),
    ]),
  ];
}

function overtaken(item: ReviewItem, holds: Standing | undefined, log: readonly ReviewDecision[]): Failure {
  const last = log.findLast((decision) => decision.item === item.id);
  const what =
    holds !== undefined
      ? sentence(item.id, holds)
      : `${last?.by ?? 'Somebody'} has undone what was decided of ${shortItem(item.id)}.`;
  return new Failure(
    'feedback-decided',
    `${what} That was since you looked; nothing was changed. Look again.`,
  );
}

function sentence(item: string, { action, label, by, at }: Standing): string {
  const words = { accept: 'accepted', correct: 'corrected', refuse: 'refused' }[action];
  const to = label === undefined ? '' : ` as ${label}`;
  return `${by} has ${words} ${shortItem(item)}${to}, ${at.slice(0, 16).replace('T', ' ')} UTC.`;
}

/** As many digits as are read aloud. */
export const shortItem = (id: string): string => id.slice(0, 10);
