import { lstat, mkdir, open, readdir, realpath, unlink } from 'node:fs/promises';
import path from 'node:path';
import { constants } from 'node:fs';
import { z } from 'zod';
import { errorCode } from '../../contracts/error-code';
import { Failure } from '../../contracts/failures';
import type { ActivityProgress } from '../../contracts/progress';
import { storeUri, type ManifestRef } from '../../contracts/refs';
import { createAtomicFiles, pruneFolders, type AtomicFiles } from '../storage/atomic-files';
import { canonicalJson } from '../storage/canonical-json';
import { blobKey, readRef, sha256 } from '../storage/refs';
import type { Store } from '../storage/store';
import { eachConcurrently } from './concurrently';
import { csvLine, readCsv } from './export/csv';
import { exportPaths, layouts, listName, type Exported, type Layout } from './export/names';
import { readManifest } from './manifest';

const filesAtOnce = 8;

/** By this a folder is known as an export: what may be written into, and what of it may be replaced. */
const markName = '.drover-export';
const csvHeader = ['path', 'label', 'split', 'sha256'];

const markSchema = z.strictObject({ name: z.string(), version: z.string(), layout: z.enum(layouts) });

export interface Exporting {
  readonly store: Store;
  readonly name: string;
  readonly manifest: ManifestRef;
  /** An absolute path; made where it is not there. */
  readonly folder: string;
  readonly layout: Layout;
  /** Also into a folder that holds something else; what is there by the same name is replaced. */
  readonly force?: boolean;
  readonly onProgress?: (progress: ActivityProgress) => void;
  readonly signal?: AbortSignal;
}

export interface Export {
  readonly pictures: number;
  /** Written now; the others were there already, and right. */
  readonly written: number;
  /** Pictures of an earlier export into this folder that are not in this version. */
  readonly removed: number;
  /** Files of an earlier export that somebody has changed since; they stay. */
  readonly changed: readonly string[];
}

/**
 * Puts a dataset version into a plain folder, `<split>/<label>/<file>` or `<label>/<file>`, with a `manifest.csv`.
 * Every picture is checked against its digest. Stopped at any moment and begun again, it goes on; over an
 * earlier export it makes the folder hold this version and no other's pictures.
 *
 * @throws Failure `start-refused` where the folder holds something else; `path-refused` where a link in it
 *   leads out of it, or a file or folder stands where the other must; `digest-mismatch`, `not-found`: a picture in
 *   the store is not what was ingested; the signal's reason
 */
export async function exportVersion(exporting: Exporting): Promise<Export> {
  const { store, name, manifest, layout, force = false, onProgress, signal } = exporting;
  const entries = await readManifest(store, manifest);
  await mkdir(exporting.folder, { recursive: true });
  const folder = await realpath(exporting.folder);
  await requireOurs(folder, force);

  const files = createAtomicFiles(path.join(folder, markName, 'temporary'));
  const earlier = await readEarlier(folder);
  const mark = markSchema.parse({ name, version: manifest.sha256, layout });
  // First: from here on the folder is an export, however far this one comes.
  await files.replace(path.join(folder, markName, 'export.json'), Buffer.from(canonicalJson(mark)));

  const wanted = exportPaths(entries, layout);
  // What is written is noted before it is: an export that was stopped can still be tidied up by another.
  await files.replace(path.join(folder, listName), csvOf([...earlier, ...wanted.map(rowOf)]));
  const safe = new Map<string, Promise<string>>();
  let written = 0;
  let done = 0;
  await eachConcurrently(
    wanted,
    filesAtOnce,
    async (picture) => {
      const target = await targetOf(folder, picture.path, safe);
      if (await put(store, files, target, picture)) written += 1;
      done += 1;
      onProgress?.({ done, total: wanted.length, unit: 'pictures' });
    },
    signal,
  );
  const stale = await removeStale(folder, earlier, new Set(wanted.map((picture) => picture.path)));
  await files.replace(path.join(folder, listName), csvOf(wanted.map(rowOf)));
  return { pictures: wanted.length, written, ...stale };
}

async function requireOurs(folder: string, force: boolean): Promise<void> {
  const names = await readdir(folder);
  if (force || names.length === 0) return;
  // Made before anything else is; where only it is there, an export was stopped at once.
  if (names.includes(markName)) return;
  throw new Failure(
    'start-refused',
    `${folder} is not empty, and holds no earlier export. Choose a new or empty folder, or say --force: what is ` +
      'there then stays, except where a picture has the same place and name.',
  );
}

type Row = readonly [path: string, label: string, split: string, sha256: string];

function rowOf({ entry, path }: Exported): Row {
  return [path, entry.label, entry.split, entry.sha256];
}

function csvOf(rows: readonly Row[]): Buffer {
  return Buffer.from([csvHeader, ...rows].map(csvLine).join(''));
}

/** What an earlier export has written here, by its own list; of one that was stopped, a path may be there twice. */
async function readEarlier(folder: string): Promise<Row[]> {
  const isExport = (await readPlain(path.join(folder, markName, 'export.json'))) !== undefined;
  const text = isExport ? await readPlain(path.join(folder, listName)) : undefined;
  return readCsv(text?.toString('utf8') ?? '').flatMap(([path = '', label = '', split = '', digest = '']) =>
    // A list that somebody has changed must not lead out of the folder.
    isPlainPath(path) && /^[0-9a-f]{64}$/.test(digest) ? [[path, label, split, digest] as const] : [],
  );
}

function isPlainPath(relative: string): boolean {
  const parts = relative.split('/');
  return (
    parts.length > 1 && parts.every((part) => part !== '' && !part.startsWith('.') && !/[\\:\0]/.test(part))
  );
}

/** Bytes of a file that is there and no link; else undefined. */
async function readPlain(file: string): Promise<Buffer | undefined> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      return (await handle.stat()).isFile() ? await handle.readFile() : undefined;
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (['ENOENT', 'ELOOP', 'ENOTDIR', 'EISDIR'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}

/** Makes the folder of a picture, once each, and refuses one that a link takes elsewhere. */
async function targetOf(root: string, relative: string, safe: Map<string, Promise<string>>): Promise<string> {
  const folder = path.dirname(path.join(root, relative));
  let made = safe.get(folder);
  if (made === undefined) {
    made = makeFolder(root, folder);
    safe.set(folder, made);
  }
  return path.join(await made, path.basename(relative));
}

async function makeFolder(root: string, folder: string): Promise<string> {
  let at = root;
  // Level by level, so that nothing is made behind a link either.
  for (const name of path.relative(root, folder).split(path.sep)) {
    at = path.join(at, name);
    await mkdir(at).catch((error: unknown) => {
      if (errorCode(error) !== 'EEXIST') throw error;
    });
    const info = await lstat(at);
    if (info.isDirectory()) continue;
    throw new Failure(
      'path-refused',
      `${at} is ${info.isSymbolicLink() ? `a symbolic link, which may lead out of ${root}` : 'a file'}; a folder ` +
        'must be there. Move it away, or export elsewhere.',
    );
  }
  return at;
}

/** @returns whether the picture had to be written. */
async function put(store: Store, files: AtomicFiles, target: string, { entry }: Exported): Promise<boolean> {
  const there = await readPlain(target);
  if (there !== undefined && sha256(there) === entry.sha256) return false;
  const bytes = await readRef(store, { uri: storeUri(blobKey(entry.sha256)), sha256: entry.sha256 });
  try {
    await files.replace(target, bytes);
  } catch (error) {
    if (errorCode(error) !== 'EISDIR' && errorCode(error) !== 'ENOTEMPTY') throw error;
    throw new Failure('path-refused', `A folder stands where the file ${target} must be. Move it away.`, {
      cause: error,
    });
  }
  return true;
}

/** Removes what an earlier export wrote and this version has not, where nobody has changed it since. */
async function removeStale(
  folder: string,
  earlier: readonly Row[],
  wanted: ReadonlySet<string>,
): Promise<Pick<Export, 'removed' | 'changed'>> {
  const digests = new Map<string, Set<string>>();
  for (const [relative, , , digest] of earlier) {
    digests.set(relative, (digests.get(relative) ?? new Set()).add(digest));
  }
  // Where case is ignored, the same file may be wanted under another spelling.
  const kept = new Set([...wanted].map((relative) => relative.toLowerCase()));
  const changed: string[] = [];
  let removed = 0;
  for (const [relative, written] of digests) {
    const file = path.join(folder, relative);
    const parent = path.dirname(file);
    if (kept.has(relative.toLowerCase()) || (await realpath(parent).catch(() => undefined)) !== parent)
      continue;
    const bytes = await readPlain(file);
    if (bytes === undefined) continue;
    if (!written.has(sha256(bytes))) {
      changed.push(relative);
      continue;
    }
    await unlink(file);
    removed += 1;
    await pruneFolders(file, folder);
  }
  return { removed, changed };
}
