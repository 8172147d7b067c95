import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { chmod, mkdtemp, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const completeSchema = z.object({
  /** What the files were made from: a wheel's SHA-256, a module's checksum, a build's key. */
  source: z.string(),
  /** Bytes by path. */
  files: z.record(z.string(), z.number()),
});

/** A part's folder in the cache, and what it must have been made from. */
export interface PartFolder {
  /** `<cache>/native`. */
  readonly root: string;
  /** `<part>-<version>-<platform>`. */
  readonly name: string;
  readonly source: string;
}

export function nativeRoot(cache: string): string {
  return join(cache, 'native');
}

export function folderPath(folder: PartFolder): string {
  return join(folder.root, folder.name);
}

/**
 * Whether the folder holds all that it should: `complete.json` is written last, and names every file with
 * its size. Cheap (a stat a file), so that a second set-up takes no time.
 */
export function isComplete(folder: PartFolder): boolean {
  const path = folderPath(folder);
  try {
    const text = readFileSync(join(path, 'complete.json'), 'utf8');
    const { source, files } = completeSchema.parse(JSON.parse(text));
    if (source !== folder.source) return false;
    return Object.entries(files).every(([file, bytes]) => statSync(join(path, file)).size === bytes);
  } catch {
    return false;
  }
}

const temporaryPrefix = (folder: PartFolder) => `${folder.name}.tmp-`;

/** A private folder to prepare `folder` in, on the same file system. */
export async function temporaryFolder(folder: PartFolder): Promise<string> {
  await mkdir(folder.root, { recursive: true });
  return mkdtemp(join(folder.root, temporaryPrefix(folder)));
}

/** Removes what an interrupted set-up left. Only for the one that holds the folder's lock. */
export async function removeLeftovers(folder: PartFolder): Promise<void> {
  for (const name of await readdir(folder.root)) {
    if (name.startsWith(temporaryPrefix(folder))) {
      await rm(join(folder.root, name), { recursive: true, force: true });
    }
  }
}

async function flushFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Moves a prepared folder, whose files are flushed, to its place in one step. */
export async function install(folder: PartFolder, prepared: string, files: readonly string[]): Promise<void> {
  const sizes = await Promise.all(
    files.map(async (file) => [file, (await stat(join(prepared, file))).size] as const),
  );
  const complete = { source: folder.source, files: Object.fromEntries(sizes) };
  await writeFile(join(prepared, 'complete.json'), `${JSON.stringify(complete, null, 2)}\n`, { flush: true });
  // A temporary folder is its owner's alone; an image may be built by one user and run by another.
  await chmod(prepared, 0o755);
  await flushFolder(prepared);
  // Another set-up may have been faster; what it made is in use, and is left alone.
  if (isComplete(folder)) return;
  const path = folderPath(folder);
  const old = await temporaryFolder(folder);
  await rename(path, join(old, 'old')).catch(() => undefined);
  await rename(prepared, path).catch((error: unknown) => {
    if (!isComplete(folder)) throw error;
  });
  await flushFolder(folder.root);
  await rm(old, { recursive: true, force: true });
}

/** Lower-case hexadecimal SHA-256 of texts, each ended by its length so that borders can't move. */
export function keyOf(texts: readonly string[]): string {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${Buffer.byteLength(text)}:`).update(text);
  return hash.digest('hex');
}
