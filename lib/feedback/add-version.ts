import type { ManifestRef } from '../../contracts/refs';
import type { DatasetVersionEntry } from '../../contracts/schemas/dataset';
import { validationSchema } from '../../contracts/schemas/dataset';
import type { ManifestEntry } from '../../contracts/schemas/documents';
import type { Addition } from '../../contracts/schemas/feedback';
import { splitSchema } from '../../contracts/schemas/pipeline';
import { readLicences } from '../data/card/markdown';
import { lookalikes } from '../data/duplicates';
import { recordVersion } from '../data/history';
import { classesOf, datasetFolder, encodeManifest, writeManifest } from '../data/manifest';
import { readFindings } from '../data/versions';
import { writeCard, type PlacedPicture } from '../data/write-card';
import { encodeLines } from '../storage/json-lines';
import { blobKey, putRef, sha256 } from '../storage/refs';
import type { Store } from '../storage/store';
import { examinedOf } from './measures';

/** What a version becomes with the dataset's additions as they are now, and no others, in its training split. */
export function withAdditions(
  entries: readonly ManifestEntry[],
  additions: readonly Addition[],
): readonly ManifestEntry[] {
  const own = entries.filter(({ origin }) => origin === undefined);
  const known = new Set(own.map((entry) => entry.sha256));
  const added = additions
    .filter((addition) => !known.has(addition.sha256))
    .map(({ path, label, sha256, origin }): ManifestEntry => ({
      path,
      label,
      sha256,
      split: 'train',
      origin,
    }));
  return [...own, ...added];
}

/** The digest that these would have as a version. */
export function versionOf(entries: readonly ManifestEntry[]): string {
  return sha256(encodeManifest(entries));
}

/**
 * Writes a version of a dataset, with findings and card, that differs from its newest in reviewed pictures alone.
 *
 * @param newest - what was found of its pictures holds for these, too
 * @returns undefined where another version has become the newest meanwhile: this one is not noted, and would hide it
 */
export async function addVersion(
  store: Store,
  name: string,
  newest: DatasetVersionEntry,
  entries: readonly ManifestEntry[],
  at: string,
): Promise<ManifestRef | undefined> {
  const { manifest, version } = await writeManifest(store, name, entries);
  const findings = (await readFindings(store, name, newest.version)) ?? [];
  await putRef(store, `${datasetFolder(name, version)}/findings.jsonl`, encodeLines(findings));
  const placed = await placedOf(store, name, entries);
  // A version whose pictures can't be looked at any more is none the less one; the next ingest writes its card.
  if (placed !== undefined) {
    const licences = await readLicences(store, newest.manifest);
    await writeCard({
      ...{ store, version, at, files: [], placed, findings, previous: newest.manifest },
      source: { uri: newest.source, licences },
      dataset: {
        name,
        source: { uri: newest.source },
        split: splitSchema.parse(undefined),
        validate: validationSchema.parse({}),
      },
    });
  }
  const isNewest = await recordVersion(store, name, newest.version, {
    ...{ version, manifest, at, source: newest.source, dropped: newest.dropped },
    ...{ pictures: entries.length, classes: classesOf(entries).length },
  });
  return isNewest ? manifest : undefined;
}

/** With all that is known of them; undefined where something isn't. */
async function placedOf(
  store: Store,
  name: string,
  entries: readonly ManifestEntry[],
): Promise<readonly PlacedPicture[] | undefined> {
  const digests = entries.map((entry) => entry.sha256);
  const examined = await examinedOf(store, name, digests);
  const placed: PlacedPicture[] = [];
  for (const { group, origin, ...entry } of entries) {
    const facts = examined.get(entry.sha256)?.facts;
    const bytes = facts && (await store.size(blobKey(entry.sha256)));
    if (facts === undefined || bytes === undefined) return undefined;
    placed.push({
      ...{ ...entry, facts, bytes },
      ...(group !== undefined && { group }),
      ...(origin && { origin }),
    });
  }
  const nearOf = new Map(
    lookalikes(placed).flatMap((group, near) => group.map((index) => [index, near] as const)),
  );
  return placed.map((picture, index) => {
    const near = nearOf.get(index);
    return near === undefined ? picture : { ...picture, near };
  });
}
