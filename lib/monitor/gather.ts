import type { LookWindow } from '../../contracts/schemas/monitor';
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
  /** The true class, as the last to speak of any of its predictions has it; undefined where nobody did. */
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
  const said = new Map<string, { readonly label: string; readonly at: string }>();
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
    const spoken = prediction.feedback.at(-1);
    if (spoken && (said.get(picture.sha256)?.at ?? '') <= spoken.at) said.set(picture.sha256, spoken);
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
  return {
    chosen: held.map(({ prediction }) => ({
      record: prediction.record,
      picture: () => prediction.picture(),
      label: said.get(prediction.record.picture?.sha256 ?? '')?.label,
    })),
    counts: { predictions, others, repeated, withoutPicture },
  };
}
