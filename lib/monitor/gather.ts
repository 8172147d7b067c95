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
  /** Of more predictions, so many are drawn. */
  readonly most: number;
  /** What the draw depends on, so that the same look draws the same. */
  readonly seed: string;
  readonly signal?: AbortSignal | undefined;
}

export interface GatheredWindow {
  /** In the order in which they were kept, so that each archive of pictures is opened once. */
  readonly chosen: readonly ReadPrediction[];
  readonly counts: Pick<LookWindow, 'predictions' | 'others' | 'withoutPicture'>;
}

/**
 * The kept predictions of a version in a window, those with a picture; of more than are wanted, a uniform draw (reservoir sampling,
 * Vitter's algorithm R, 1985), in memory for as many as are wanted alone.
 *
 * @throws as `readPredictions`; the signal's reason
 */
export async function gatherWindow(store: Store, wish: WindowWish): Promise<GatheredWindow> {
  const { model, version, since, until, most, seed, signal } = wish;
  const random = createRandom(`drift window ${seed}`);
  const held: { readonly order: number; readonly prediction: ReadPrediction }[] = [];
  let [predictions, others, withoutPicture, seen] = [0, 0, 0, 0];
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
    const one = { order: seen, prediction };
    seen += 1;
    if (held.length < most) {
      held.push(one);
      continue;
    }
    const place = random.int(seen);
    if (place < most) held[place] = one;
  }
  held.sort((a, b) => a.order - b.order);
  return {
    chosen: held.map(({ prediction }) => prediction),
    counts: { predictions, others, withoutPicture },
  };
}
