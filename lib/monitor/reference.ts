import type { SplitName } from '../../contracts/schemas/documents';
import type { ModelVersion } from '../../contracts/schemas/registry';
import { readExamined } from '../data/examine';
import { openPrepared, type PreparedSet } from '../data/prepared-set';
import type { Observations } from '../drift/observations';
import { decodeObservations, encodeObservations } from '../drift/observations-file';
import { observePictures, type PreparedPicture } from '../drift/observe';
import { createRandom } from '../random';
import { digestOf, readRef } from '../storage/refs';
import type { Store } from '../storage/store';

/** A change of this number says that the same pictures may be observed as something else than before. */
const revision = 1;

export interface Reference {
  /** Where it lies in the store, beside the version. */
  readonly key: string;
  readonly observations: Observations;
}

interface ReferenceOptions {
  /** Pictures, at most. */
  readonly most: number;
  readonly onPictures?: (count: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What a version's own model makes of pictures that it was not trained on: validation pictures of its own dataset version, and where those
 * are fewer than wanted, test pictures too. Kept beside the version: the first look makes it, and others read it.
 *
 * @throws Failure `digest-mismatch`; `not-found` where the version's prepared set is gone; the signal's reason
 */
export async function referenceOf(
  store: Store,
  version: ModelVersion,
  options: ReferenceOptions,
): Promise<Reference> {
  const { model, lineage } = version;
  const inputs = { revision, onnx: model.onnx.sha256, prepared: lineage.prepared.sha256, most: options.most };
  const key = `models/${version.name}/versions/${version.version}/drift/${digestOf(inputs).slice(0, 16)}.bin`;
  const kept = await store.readVersioned(key);
  if (kept !== undefined) return { key, observations: decodeObservations(kept.bytes, key) };
  const observations = await observeReference(store, version, options);
  // Where another process was faster, what it wrote stands; it is the same but for the last digits.
  await store.create(key, encodeObservations(observations));
  return { key, observations };
}

async function observeReference(
  store: Store,
  { model, lineage }: ModelVersion,
  { most, onPictures, signal }: ReferenceOptions,
): Promise<Observations> {
  const set = await openPrepared(store, lineage.prepared);
  const onnx = await readRef(store, model.onnx);
  return observePictures(onnx, picturesOf(store, set, model.classes, most), {
    ...{ onPictures, signal },
  });
}

/** As they were prepared, which is as they would be decoded again. */
async function* picturesOf(
  store: Store,
  set: PreparedSet,
  classes: readonly string[],
  most: number,
): AsyncIterable<PreparedPicture> {
  const examined = await readExamined(store, set.index.dataset.name);
  let left = most;
  for (const split of ['validation', 'test'] satisfies SplitName[]) {
    const places = createRandom(`drift reference ${split}`)
      .shuffle(Array.from({ length: set.count(split) }, (_, at) => at))
      .slice(0, left);
    left -= places.length;
    const { images, labels, pictures, count } = await set.loadSome(split, places);
    for (let at = 0; at < count; at += 1) {
      const facts = examined.get(pictures[at] ?? '')?.facts;
      const label = classes.indexOf(set.index.classes[labels[at] ?? -1] ?? '');
      yield {
        pixels: images.subarray(at * set.recordBytes, (at + 1) * set.recordBytes),
        ...(facts && { size: facts.width * facts.height }),
        ...(label >= 0 && { label }),
      };
    }
    if (left <= 0) return;
  }
}
