import { randomUUID } from 'node:crypto';
import { link, lstat, mkdir, open, readdir, rename, rmdir, stat, symlink, unlink } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../../contracts/error-code';
import { isAbsent, unlessAbsent } from './folder-failures';

const abandonedAfterMs = 24 * 60 * 60 * 1000;

/** Far more often than folders are removed just before something is put there. */
const mostAttempts = 50;

/** Makes a directory's entries outlast a power cut; some file systems can't, and need not. */
async function syncFolder(folder: string): Promise<void> {
  // Whoever removed the folder meanwhile removed what was put there, too.
  const handle = await unlessAbsent(open(folder, 'r'));
  if (handle === undefined) return;
  try {
    await handle.sync();
  } catch (error) {
    const code = errorCode(error);
    if (code !== 'EINVAL' && code !== 'ENOTSUP') throw error;
  } finally {
    await handle.close();
  }
}

/** Puts something at `target`, in a folder that is made, and made again where {@link pruneFolders} was faster. */
async function inItsFolder<T>(target: string, put: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await mkdir(path.dirname(target), { recursive: true });
      return await put();
    } catch (error) {
      if (errorCode(error) !== 'ENOENT' || attempt === mostAttempts) throw error;
    }
  }
}

/**
 * Removes the folders that a removed file leaves empty, up to `root`, which stays. The file system removes no
 * folder that holds anything; whoever was about to put something there makes it again.
 */
export async function pruneFolders(file: string, root: string): Promise<void> {
  for (let at = path.dirname(file); at.length > root.length; at = path.dirname(at)) {
    try {
      await rmdir(at);
    } catch {
      // Not empty, gone already, or not to be removed by this user: it is only tidying.
      return;
    }
  }
}

/** Of many at once, the file system lets exactly one make the link. */
async function linkUnlessTaken(file: string, target: string): Promise<boolean> {
  try {
    await link(file, target);
    return true;
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
    // What a folder takes is not taken by another writer of the same key.
    if ((await stat(target).catch(() => undefined))?.isDirectory() === true) throw error;
    return false;
  }
}

/** Files that appear under their final name only once they are whole, and on the disk. */
export interface AtomicFiles {
  /** Puts `bytes` at `target`, in place of what was there. */
  replace(target: string, bytes: Uint8Array): Promise<void>;
  /**
   * Puts `bytes` at `target` where there is nothing.
   * @returns the new file's time of change in nanoseconds, or undefined where there was something.
   */
  createNew(target: string, bytes: Uint8Array): Promise<bigint | undefined>;
  /** Puts a symbolic link at `target`, in place of what was there. */
  replaceByLink(target: string, content: string): Promise<void>;
}

/** @param temporary - a folder on the same file system as the targets, for what isn't whole yet */
export function createAtomicFiles(temporary: string): AtomicFiles {
  let ready: Promise<void> | undefined;

  async function prepare(): Promise<void> {
    await mkdir(temporary, { recursive: true });
    // What a killed process left; a day is far longer than any write takes.
    for (const name of await readdir(temporary)) {
      const file = path.join(temporary, name);
      try {
        // Some are links that lead nowhere.
        if (Date.now() - (await lstat(file)).mtimeMs > abandonedAfterMs) await unlink(file);
      } catch (error) {
        if (!isAbsent(error)) throw error;
      }
    }
  }

  async function temporaryPath(): Promise<string> {
    ready ??= prepare();
    try {
      await ready;
    } catch (error) {
      // The next write tries again: the disk may no longer be full by then.
      ready = undefined;
      throw error;
    }
    return path.join(temporary, randomUUID());
  }

  async function writeTemporary(bytes: Uint8Array): Promise<{ file: string; changedAt: bigint }> {
    const file = await temporaryPath();
    const handle = await open(file, 'wx');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
      return { file, changedAt: (await handle.stat({ bigint: true })).mtimeNs };
    } catch (error) {
      await unlink(file).catch(() => undefined);
      throw error;
    } finally {
      await handle.close();
    }
  }

  async function moveInto(target: string, file: string): Promise<void> {
    try {
      await inItsFolder(target, () => rename(file, target));
    } catch (error) {
      await unlink(file).catch(() => undefined);
      throw error;
    }
  }

  return {
    async replace(target, bytes) {
      const { file } = await writeTemporary(bytes);
      await moveInto(target, file);
      await syncFolder(path.dirname(target));
    },

    async createNew(target, bytes) {
      const { file, changedAt } = await writeTemporary(bytes);
      try {
        if (!(await inItsFolder(target, () => linkUnlessTaken(file, target)))) return undefined;
      } finally {
        await unlink(file).catch(() => undefined);
      }
      await syncFolder(path.dirname(target));
      return changedAt;
    },

    async replaceByLink(target, content) {
      const file = await temporaryPath();
      await symlink(content, file);
      await moveInto(target, file);
    },
  };
}
