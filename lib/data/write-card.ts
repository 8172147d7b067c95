import type { ManifestRef, Ref } from '../../contracts/refs';
import type { Collected, Finding } from '../../contracts/schemas/dataset';
import type { ManifestEntry, Origin, SplitName } from '../../contracts/schemas/documents';
import type { DatasetConfig } from '../../contracts/schemas/pipeline';
import { thumbnail } from '../images/thumbnail';
import { blobKey, putRef } from '../storage/refs';
import type { Store } from '../storage/store';
import { markdownCard } from './card/markdown';
import { renderCardPage } from './card/page';
import { diffVersions } from './diff';
import { datasetFolder, readManifest } from './manifest';
import { countPictures } from './split';
import type { KeptPicture } from './validate';

/** A picture of a version, with all that is known of it. */
export type PlacedPicture = KeptPicture & { readonly split: SplitName; readonly origin?: Origin };

/** A picture's line in the manifest. */
export function entryOf({ path, label, sha256, split, group, origin }: PlacedPicture): ManifestEntry {
  return { path, label, sha256, split, ...(group !== undefined && { group }), ...(origin && { origin }) };
}

/** Writes a dataset version's card, as a page and as Markdown, beside its manifest. */
export async function writeCard(content: {
  readonly store: Store;
  readonly dataset: DatasetConfig;
  readonly version: string;
  readonly at: string;
  readonly source: { readonly uri: string; readonly licences: string };
  /** All files of the source, taken or not. */
  readonly files: readonly Collected[];
  readonly placed: readonly PlacedPicture[];
  readonly findings: readonly Finding[];
  /** The version before this one. */
  readonly previous: ManifestRef | undefined;
}): Promise<Ref<'card'>> {
  const { store, dataset, version, at, source, files, placed, findings, previous } = content;
  const { name } = dataset;
  const { licences } = source;
  const folder = datasetFolder(name, version);
  const rejected = findings.filter((finding) => finding.dropped);
  const markdown = markdownCard({ name, version, counts: countPictures(placed), licences, rejected });
  await store.write(`${folder}/card.md`, Buffer.from(markdown));

  // An older version that was cleaned away leaves nothing to compare with.
  const before = previous && (await readManifest(store, previous).catch(() => undefined));
  const leftOut = new Map(
    files.flatMap(({ path, sha256 }) => (sha256 !== undefined ? [[path, sha256] as const] : [])),
  );
  for (const { path } of placed) leftOut.delete(path);
  const page = await renderCardPage({
    ...{ name, version, at, source: source.uri, licences, split: dataset.split },
    ...{ pictures: placed, findings, rules: dataset.validate, leftOut },
    ...(before && { previous: { version: previous.sha256, ...changesOf(before, placed.map(entryOf)) } }),
    thumbnail: async (sha256, side) => {
      const found = await store.readVersioned(blobKey(sha256));
      // The card is for people: a picture that can't be shown is no reason to have none.
      return found && thumbnail(found.bytes, side).catch(() => undefined);
    },
  });
  return putRef<'card'>(store, `${folder}/card.html`, Buffer.from(page));
}

function changesOf(before: readonly ManifestEntry[], after: readonly ManifestEntry[]) {
  const { added, removed, relabelled } = diffVersions(before, after);
  return { added: added.length, removed: removed.length, relabelled: relabelled.length };
}
