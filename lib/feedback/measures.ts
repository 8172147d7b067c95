import type { Examined } from '../../contracts/schemas/dataset';
import type { ManifestEntry, SplitName } from '../../contracts/schemas/documents';
import { everAssigned } from '../data/assignments';
import { examineChunk, planExamination, readExamined } from '../data/examine';
import { listDatasets, readHistory } from '../data/history';
import { readManifest } from '../data/manifest';
import { blobKey } from '../storage/refs';
import type { Store } from '../storage/store';

/** A picture that models are measured by, with how it looks. */
export interface Measure {
  readonly sha256: string;
  readonly facts: { readonly hash: string };
  /** For people: `dog/12.jpg in test of pets`. */
  readonly where: string;
}

/**
 * Every picture by which models are measured, and which training must not know: what is in the validation and test split of the dataset's
 * newest version, what was in an earlier one's and is not trained on now, and the test pictures of every other dataset, since an audit may
 * be made with any.
 *
 * @param entries - the dataset's newest version
 */
export async function readMeasures(
  store: Store,
  name: string,
  entries: readonly ManifestEntry[],
): Promise<readonly Measure[]> {
  const wanted = new Map<string, string>();
  const trained = new Set<string>();
  for (const { sha256, split, path } of entries) {
    if (split === 'train') trained.add(sha256);
    else wanted.set(sha256, `${path} in ${split}`);
  }
  for (const [sha256, split] of await everAssigned(store, name)) {
    if (isMeasuring(split) && !trained.has(sha256) && !wanted.has(sha256)) {
      wanted.set(sha256, `a picture in ${split} of an earlier version`);
    }
  }
  const found = await looksOf(store, name, wanted);
  for (const other of await listDatasets(store)) {
    const newest = other === name ? undefined : (await readHistory(store, other)).at(-1);
    if (newest === undefined) continue;
    const tests = (await readManifest(store, newest.manifest)).filter(({ split }) => split === 'test');
    const named = tests.map(({ sha256, path }) => [sha256, `${path} in test of ${other}`] as const);
    found.push(...(await looksOf(store, other, new Map(named))));
  }
  return found;
}

function isMeasuring(split: SplitName): boolean {
  return split !== 'train';
}

/** How some of a dataset's pictures look; whatever nobody has examined under this decoder is examined. */
async function looksOf(store: Store, name: string, wanted: ReadonlyMap<string, string>): Promise<Measure[]> {
  const examined = await examinedOf(store, name, [...wanted.keys()]);
  return [...wanted].flatMap(([sha256, where]): Measure[] => {
    const facts = examined.get(sha256)?.facts;
    return facts === undefined ? [] : [{ sha256, facts, where }];
  });
}

/** What is known of some of a dataset's pictures. One that is not in the store any more, as of a version that was cleaned away, is left out. */
export async function examinedOf(
  store: Store,
  name: string,
  digests: readonly string[],
): Promise<ReadonlyMap<string, Examined>> {
  const known = await readExamined(store, name);
  const missing: { sha256: string }[] = [];
  for (const sha256 of digests) {
    if (!known.has(sha256) && (await store.exists(blobKey(sha256)))) missing.push({ sha256 });
  }
  if (missing.length === 0) return known;
  for (const { chunk } of await planExamination(store, name, missing))
    await examineChunk({ store, name, chunk });
  return readExamined(store, name);
}
