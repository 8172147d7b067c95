import { constants } from 'node:fs';
import { lstat, open, readdir, readlink, symlink } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../../contracts/error-code';
import type { AtomicFiles } from './atomic-files';
import { isAbsent } from './folder-failures';
import type { Generation, Versioned } from './store';

/**
 * Compare-and-swap on a folder. A key's generations are files named by consecutive numbers, and the highest
 * is the current one. Moving from n to n + 1 means creating the file n + 1, which the file system lets
 * exactly one process do, so no lock is held that a killed process could leave behind.
 *
 * A number's name stays taken for ever: a writer that looked long ago, and was stopped since, must still find
 * n + 1 taken. Old generations are therefore not deleted but replaced by a symbolic link that leads nowhere
 * (one that needs no block on the disk), and the same kind of link records that a key was removed.
 */
const pruned = 'pruned';
const removed = 'removed';

/** A reader that is slower than this many moves simply looks again. */
const keptGenerations = 8;

interface Latest {
  /** 0 where there never was a generation. */
  readonly number: number;
  /** undefined where there is none, or the key was removed. */
  readonly content: Versioned | undefined;
}

function fileName(number: number): string {
  return String(number).padStart(8, '0');
}

/** The time is part of it, so that a store emptied and filled again doesn't repeat one. */
function generationOf(number: number, changedAt: bigint): Generation {
  return `g${number}-${changedAt}`;
}

async function highestNumber(folder: string): Promise<number> {
  try {
    return (await readdir(folder)).reduce(
      (highest, name) => (/^\d+$/.test(name) ? Math.max(highest, Number(name)) : highest),
      0,
    );
  } catch (error) {
    if (isAbsent(error)) return 0;
    throw error;
  }
}

async function readGeneration(
  file: string,
  number: number,
): Promise<Versioned | typeof pruned | typeof removed> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const { mtimeNs } = await handle.stat({ bigint: true });
      return { bytes: await handle.readFile(), generation: generationOf(number, mtimeNs) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (errorCode(error) !== 'ELOOP') throw error;
    return (await readlink(file)) === removed ? removed : pruned;
  }
}

/** @param folder - the folder that holds one key's generations */
export async function latestGeneration(folder: string): Promise<Latest> {
  for (;;) {
    const number = await highestNumber(folder);
    if (number === 0) return { number, content: undefined };
    const read = await readGeneration(path.join(folder, fileName(number)), number);
    if (read === removed) return { number, content: undefined };
    // Pruned since we looked: there are newer ones.
    if (read !== pruned) return { number, content: read };
  }
}

async function pruneBefore(folder: string, newest: number, files: AtomicFiles): Promise<void> {
  for (let number = newest - keptGenerations; number > 0; number--) {
    const file = path.join(folder, fileName(number));
    if ((await lstat(file)).isSymbolicLink()) return;
    await files.replaceByLink(file, pruned);
  }
}

/** @returns the new generation, or undefined where the key's generation is not `expected`. */
export async function moveGeneration(
  folder: string,
  bytes: Uint8Array,
  expected: Generation | undefined,
  files: AtomicFiles,
): Promise<Generation | undefined> {
  const { number, content } = await latestGeneration(folder);
  if (content?.generation !== expected) return undefined;
  const next = number + 1;
  const changedAt = await files.createNew(path.join(folder, fileName(next)), bytes);
  if (changedAt === undefined) return undefined;
  // The move is made, whatever becomes of the tidying; the next move tidies what this one leaves.
  await pruneBefore(folder, next, files).catch(() => undefined);
  return generationOf(next, changedAt);
}

/** Marks the key as removed. Does nothing where it has no generation. */
export async function removeGenerations(folder: string): Promise<void> {
  for (;;) {
    const { number, content } = await latestGeneration(folder);
    if (content === undefined) return;
    try {
      await symlink(removed, path.join(folder, fileName(number + 1)));
      return;
    } catch (error) {
      if (errorCode(error) !== 'EEXIST') throw error;
    }
  }
}
