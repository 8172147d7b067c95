import type { LookWindow } from '../../contracts/schemas/monitor';
import { readDecisions, standingDecisions } from '../feedback/log';
import { settle, type SaidLabel } from '../feedback/rule';
import { readPredictions, type ReadPrediction } from '../predictions/read';
import { createRandom } from '../random';
import type { Store } from '../storage/store';

export interface WindowWish {
  readonly model: string;
  readonly version: number;
  /** Milliseconds since 1970: from the first on, before the second. */
  readonly since: number;
  readonly until: number;
  /** Of more pictures, so many are drawn. */
  readonly most: number;
  /** What the draw depends on, so that the same look draws the same. */
  readonly seed: string;
  readonly signal?: AbortSignal | undefined;
}

/** A picture of the window, once however often it was sent. */
export interface SentPicture extends Pick<ReadPrediction, 'record'> {
  /** As `ReadPrediction` gives it: cheap where pictures are asked for in their order. */
  readonly picture: () => Promise<Buffer | undefined>;
  /** The true class: as it was reviewed, else what the rule for several voices comes to; undefined where nobody can tell. */
  readonly label: string | undefined;
}

export interface GatheredWindow {
  /** In the order in which they were kept, so that each archive of pictures is opened once. */
  readonly chosen: readonly SentPicture[];
  readonly counts: Pick<LookWindow, 'predictions' | 'others' | 'repeated' | 'withoutPicture'>;
}

/**
 * The pictures that a version has answered in a window, each once: one that is sent again and again, as by a check of health, says no more
 * than once. Of more than are wanted, a uniform draw (reservoir sampling, Vitter's algorithm R, 1985).
 *
 * @throws as `readPredictions`; the signal's reason
 */
export async function gatherWindow(store: Store, wish: WindowWish): Promise<GatheredWindow> {
  const { model, version, since, until, most, seed, signal } = wish;
  const random = createRandom(`drift window ${seed}`);
  const held: { readonly order: number; readonly prediction: ReadPrediction }[] = [];
  const seen = new Set<string>();
  const said = new Map<string, SaidLabel[]>();
  let [predictions, others, repeated, withoutPicture] = [0, 0, 0, 0];
  for await (const prediction of readPredictions(store, { since, until })) {
    signal?.throwIfAborted();
    const { model: by, picture } = prediction.record;
    if (by.name !== model || by.version !== version) {
      others += 1;
      continue;
    }
    predictions += 1;
    if (picture === undefined) {
      withoutPicture += 1;
      continue;
    }
    for (const { id, label, by: person, at, note } of prediction.feedback) {
      const voices = said.get(picture.sha256) ?? [];
      voices.push({ prediction: id, label, by: person, at, note });
      said.set(picture.sha256, voices);
    }
    if (seen.has(picture.sha256)) {
      repeated += 1;
      continue;
    }
    const one = { order: seen.size, prediction };
    seen.add(picture.sha256);
    if (held.length < most) {
      held.push(one);
      continue;
    }
    const place = random.int(seen.size);
    if (place < most) held[place] = one;
  }
  held.sort((a, b) => a.order - b.order);
  const decided = standingDecisions(await readDecisions(store, model));
  return {
    chosen: held.map(({ prediction }) => ({
      record: prediction.record,
      picture: () => prediction.picture(),
      label: labelOf(prediction.record.picture?.sha256 ?? '', decided, said),
    })),
    counts: { predictions, others, repeated, withoutPicture },
  };
}

function labelOf(
  picture: string,
  decided: ReturnType<typeof standingDecisions>,
  said: ReadonlyMap<string, readonly SaidLabel[]>,
): string | undefined {
  const decision = decided.get(picture);
  // One that was refused shows nothing that anybody could be right about.
  if (decision !== undefined) return decision.label;
  const voices = said.get(picture);
  return voices && settle(voices).label;
}
