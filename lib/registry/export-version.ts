import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../contracts/error-code';
import { Failure } from '../../contracts/failures';
import type { ModelVersion } from '../../contracts/schemas/registry';
import { canonicalJson } from '../storage/canonical-json';
import { readRef, sha256 } from '../storage/refs';
import type { Store } from '../storage/store';
import { versionPrefix } from './keys';
import { formsOf } from './versions';

/** A file of an export. */
export interface ExportedFile {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What is written beside the model's files: its classes and what pictures must be, for whoever runs it elsewhere. */
const descriptionFile = 'classes.json';

/**
 * Copies a version's files into a folder of their own, each read against its digest. The folder appears with all
 * of them or not at all.
 *
 * @param folder - absolute; must not be there, or be empty
 * @throws Failure `path-refused` where the folder holds something, or can't be written; `digest-mismatch`; `not-found`
 */
export async function exportVersion(
  store: Store,
  version: ModelVersion,
  folder: string,
): Promise<ExportedFile[]> {
  await refuseFilled(folder);
  const contents = await readContents(store, version);
  // In containers every process may have the same id, and one that was killed has left its files.
  const partial = `${folder}.partial-${randomUUID()}`;
  try {
    await mkdir(partial, { recursive: true });
    for (const [file, bytes] of contents) await writeFile(join(partial, file), bytes);
    const sums = [...contents].map(([file, bytes]) => `${sha256(bytes)}  ${file}\n`).join('');
    await writeFile(join(partial, 'SHA256SUMS'), sums);
    // An empty folder gives way; one that was filled meanwhile refuses, and nothing is lost.
    await rename(partial, folder);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw new Failure(
      'path-refused',
      `The export can't be written there (${errorCode(error) ?? 'unknown'}). Name a new folder, in one that may be written.`,
      { cause: error },
    );
  }
  return [...contents].map(([file, bytes]) => ({ file, bytes: bytes.length, sha256: sha256(bytes) }));
}

async function readContents(store: Store, version: ModelVersion): Promise<Map<string, Buffer>> {
  const contents = new Map<string, Buffer>();
  for (const { file, ref } of await formsOf(store, version)) contents.set(file, await readRef(store, ref));
  const card =
    version.card === undefined
      ? await store.read(`${versionPrefix(version.name, version.version)}card.md`)
      : await readRef(store, version.card);
  // By the name under which Hugging Face looks for it.
  contents.set('README.md', card);
  contents.set('version.json', Buffer.from(canonicalJson(version)));
  const { classes, preprocessing } = version.model;
  contents.set(descriptionFile, Buffer.from(`${JSON.stringify({ classes, preprocessing }, null, 2)}\n`));
  return contents;
}

async function refuseFilled(folder: string): Promise<void> {
  const found = await readdir(folder).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return [];
    throw new Failure(
      'path-refused',
      `The folder that --out names can't be used (${errorCode(error) ?? 'unknown'}). Name a new one.`,
      { cause: error },
    );
  });
  if (found.length === 0) return;
  throw new Failure(
    'path-refused',
    'The folder that --out names holds something already, and nothing is overwritten. Name a new one.',
  );
}
