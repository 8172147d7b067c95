import type { KeptPicture } from '../../contracts/schemas/kept-predictions';
import { type PredictionWindow, readPredictions } from '../predictions/read';
import type { Store } from '../storage/store';
import { settle, type SaidLabel, type Settlement } from './rule';

/** An answer to a picture that somebody has said something of. */
export interface Answer {
  readonly prediction: string;
  /** ISO 8601. */
  readonly at: string;
  readonly version: number;
  /** The likeliest class. */
  readonly predicted: string;
  /** Every class, each in [0, 1]. */
  readonly probabilities: Readonly<Record<string, number>>;
}

/** A picture with all that was said of it, however often it was sent. */
export interface FeedbackItem {
  /** The picture's SHA-256, by which it is named. */
  readonly id: string;
  readonly model: string;
  readonly picture: KeptPicture;
  /** The oldest first. */
  readonly answers: readonly Answer[];
  /** The oldest first; all of it, also what the rule doesn't count. */
  readonly said: readonly SaidLabel[];
  readonly settlement: Settlement;
  /** @throws Failure `digest-mismatch`, `not-found`, `storage-unavailable` */
  bytes(): Promise<Buffer | undefined>;
}

export interface Gathered {
  /** The one of which something was said last comes first. */
  readonly items: readonly FeedbackItem[];
  /** Predictions with feedback that no picture was kept of, so that nothing can be reviewed or learnt. */
  readonly withoutPicture: number;
}

/**
 * What was said of the answers of one model, picture by picture.
 *
 * @throws Failure `storage-unavailable`; Error where an object was written by another version
 */
export async function gatherFeedback(
  store: Store,
  model: string,
  window: PredictionWindow = {},
): Promise<Gathered> {
  const found = new Map<string, Omit<FeedbackItem, 'settlement' | 'answers' | 'said'> & Growing>();
  let withoutPicture = 0;
  for await (const kept of readPredictions(store, { ...window, labelled: true })) {
    const { record, feedback } = kept;
    if (record.model.name !== model) continue;
    if (record.picture === undefined) {
      withoutPicture += 1;
      continue;
    }
    const id = record.picture.sha256;
    const item = found.get(id) ?? {
      ...{ id, model, picture: record.picture, answers: [], said: [] },
      bytes: () => kept.picture(),
    };
    found.set(id, item);
    const { id: prediction, at, prediction: predicted, probabilities } = record;
    item.answers.push({ prediction, at, version: record.model.version, predicted, probabilities });
    for (const { label, by, at: saidAt, note } of feedback) {
      item.said.push({ prediction, label, by, at: saidAt, note });
    }
  }
  const items = [...found.values()].map((item): FeedbackItem => {
    item.answers.sort(byTime);
    item.said.sort(byTime);
    return { ...item, settlement: settle(item.said) };
  });
  return { items: items.sort((a, b) => -byTime(lastSaid(a), lastSaid(b))), withoutPicture };
}

interface Growing {
  readonly answers: Answer[];
  readonly said: SaidLabel[];
}

function lastSaid({ said }: FeedbackItem): { readonly at: string } {
  return said.at(-1) ?? { at: '' };
}

function byTime(a: { readonly at: string }, b: { readonly at: string }): number {
  return a.at < b.at ? -1 : Number(a.at > b.at);
}

/** The models whose answers somebody has said something of, sorted. */
export async function modelsWithFeedback(store: Store, window: PredictionWindow = {}): Promise<string[]> {
  const models = new Set<string>();
  for await (const { record } of readPredictions(store, { ...window, labelled: true }))
    models.add(record.model.name);
  return [...models].sort();
}
