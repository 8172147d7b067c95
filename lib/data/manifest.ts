import type { ManifestRef } from '../../contracts/refs';
import { manifestEntrySchema, type ManifestEntry } from '../../contracts/schemas/documents';
import { canonicalJson } from '../storage/canonical-json';
import { putRef, readRef, sha256 } from '../storage/refs';
import type { Store } from '../storage/store';

/** By code unit, so that the order is the same under every language. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The classes of some pictures, sorted: a label's number is its place here. */
export function classesOf(entries: readonly { readonly label: string }[]): string[] {
  return [...new Set(entries.map(({ label }) => label))].sort(compareText);
}

/** `manifest.jsonl`: one line a picture, sorted by path, so that equal datasets have equal bytes. */
export function encodeManifest(entries: readonly ManifestEntry[]): Buffer {
  const sorted = [...entries].sort((a, b) => compareText(a.path, b.path));
  return Buffer.from(sorted.map((entry) => `${canonicalJson(entry)}\n`).join(''));
}

/** @throws Error where a line is not what this version of Drover writes, saying which. */
export function decodeManifest(bytes: Buffer): ManifestEntry[] {
  const lines = bytes.toString('utf8').split('\n');
  return lines
    .filter((line) => line !== '')
    .map((line, index) => {
      try {
        return manifestEntrySchema.parse(JSON.parse(line));
      } catch (cause) {
        throw new Error(`Line ${index + 1} of the manifest is not of this version of Drover.`, { cause });
      }
    });
}

export interface DatasetVersion {
  readonly manifest: ManifestRef;
  /** SHA-256 of the manifest's bytes. */
  readonly version: string;
}

/** The folder of a dataset version in the store. */
export function datasetFolder(name: string, version: string): string {
  return `datasets/${name}/${version}`;
}

/** Writes a dataset version under its digest; the same pictures give the same one again. */
export async function writeManifest(
  store: Store,
  name: string,
  entries: readonly ManifestEntry[],
): Promise<DatasetVersion> {
  const bytes = encodeManifest(entries);
  const version = sha256(bytes);
  const manifest = await putRef<'manifest'>(store, `${datasetFolder(name, version)}/manifest.jsonl`, bytes);
  return { manifest, version };
}

/** @throws Failure `digest-mismatch`, `not-found`; Error as {@link decodeManifest}. */
export async function readManifest(store: Store, manifest: ManifestRef): Promise<ManifestEntry[]> {
  return decodeManifest(await readRef(store, manifest));
}
