import { type Dirent } from 'node:fs';
import { open, readdir, realpath, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { errorCode } from '../../contracts/error-code';
import { Failure } from '../../contracts/failures';
import { createAtomicFiles, pruneFolders } from './atomic-files';
import { folderFailure, unlessAbsent } from './folder-failures';
import { latestGeneration, moveGeneration, removeGenerations } from './generations';
import { generationsSegment, requireKey, requirePrefix, temporarySegment } from './keys';
import type { Store, Versioned } from './store';

async function readPlain(file: string): Promise<Versioned | undefined> {
  const handle = await unlessAbsent(open(file, 'r'));
  if (handle === undefined) return undefined;
  try {
    const { ino, mtimeNs, size } = await handle.stat({ bigint: true });
    // Every write makes a new file, so what is open here never changes.
    return { bytes: await handle.readFile(), generation: `f${ino}-${mtimeNs}-${size}` };
  } catch (error) {
    // A folder is no key.
    if (errorCode(error) === 'EISDIR') return undefined;
    throw error;
  } finally {
    await handle.close();
  }
}

function isBelow(real: string, root: string | undefined): boolean {
  return root !== undefined && (real === root || real.startsWith(root + path.sep));
}

/**
 * A store in a folder, which need not exist yet; many processes may use one at once. A key is a file at that
 * path, except that keys moved by compare-and-swap lie beside theirs, in `.generations/<name>/`.
 * Needs a file system with hard links. Folders that are symbolic links are not listed.
 *
 * @param root - an absolute path
 */
export function createFolderStore(root: string): Store {
  const temporary = path.join(root, temporarySegment);
  const files = createAtomicFiles(temporary);

  let knownRoot: string | undefined;

  /** The root's real place, or undefined where it does not exist yet. */
  async function realRoot(): Promise<string | undefined> {
    knownRoot ??= await unlessAbsent(realpath(root));
    return knownRoot;
  }

  /** Refuses a path that a symbolic link takes out of the root; what doesn't exist yet can't. */
  async function requireInside(file: string, key: string): Promise<void> {
    for (let at = file; at.length >= root.length; at = path.dirname(at)) {
      const real = await unlessAbsent(realpath(at));
      if (real === undefined) continue;
      if (isBelow(real, await realRoot())) return;
      // The whole store may have been moved since.
      knownRoot = undefined;
      if (isBelow(real, await realRoot())) return;
      throw new Failure(
        'path-refused',
        `The key ${key} leads out of the store ${root} by a symbolic link. ` +
          'Remove the link, or move the whole store and set its new place.',
      );
    }
  }

  /**
   * Checks the key, runs `work` on the places of its bytes, and translates what goes wrong. They lie plainly in a file, or as
   * generations, whose folder is looked at only where it is asked for: most keys have none.
   */
  async function at<T>(
    key: string,
    work: (file: string, generations: () => Promise<string>) => Promise<T>,
  ): Promise<T> {
    requireKey(key);
    const file = path.join(root, key);
    try {
      await requireInside(file, key);
      return await work(file, async () => {
        const generations = path.join(path.dirname(file), generationsSegment, path.basename(file));
        await requireInside(generations, key);
        return generations;
      });
    } catch (error) {
      throw folderFailure(error, root, key);
    }
  }

  /** Two ways of writing one key would hide each other's bytes: better an error than an old alias. */
  function refuseMixture(key: string, mixed: boolean): void {
    if (mixed)
      throw new Error(`${key} is written both by compareAndSwap and otherwise; a key takes one of them.`);
  }

  async function hasGenerations(generations: () => Promise<string>): Promise<boolean> {
    return (await latestGeneration(await generations())).number > 0;
  }

  async function current(file: string, generations: () => Promise<string>): Promise<Versioned | undefined> {
    return (await readPlain(file)) ?? (await latestGeneration(await generations())).content;
  }

  async function entries(folder: string): Promise<Dirent[]> {
    return (await unlessAbsent(readdir(folder, { withFileTypes: true }))) ?? [];
  }

  async function* walk(folderKey: string, prefix: string): AsyncIterable<string> {
    const folder = path.join(root, folderKey);
    await requireInside(folder, folderKey);
    for (const entry of await entries(folder)) {
      const key = folderKey + entry.name;
      if (entry.name === generationsSegment) {
        for (const moved of await entries(path.join(folder, entry.name))) {
          const movedKey = folderKey + moved.name;
          if (!movedKey.startsWith(prefix)) continue;
          const latest = await latestGeneration(path.join(folder, entry.name, moved.name));
          if (latest.content !== undefined) yield movedKey;
        }
      } else if (entry.isDirectory()) {
        const below = `${key}/`;
        const onTheWay = below.startsWith(prefix) || prefix.startsWith(below);
        if (entry.name !== temporarySegment && onTheWay) yield* walk(below, prefix);
      } else if (entry.isFile() && key.startsWith(prefix)) {
        yield key;
      }
    }
  }

  async function* list(prefix: string): AsyncIterable<string> {
    requirePrefix(prefix);
    try {
      yield* walk(prefix.slice(0, prefix.lastIndexOf('/') + 1), prefix);
    } catch (error) {
      throw folderFailure(error, root, prefix);
    }
  }

  const size = (key: string): Promise<number | undefined> =>
    at(key, async (file, generations) => {
      const info = await unlessAbsent(stat(file));
      if (info?.isFile() === true) return info.size;
      return (await latestGeneration(await generations())).content?.bytes.length;
    });

  return {
    location: root,

    async read(key) {
      const found = await at(key, current);
      if (found === undefined) {
        throw new Failure('not-found', `There is no ${key} in the store ${root}.`);
      }
      return found.bytes;
    },

    readVersioned: (key) => at(key, current),

    exists: (key) =>
      at(key, async (file, generations) => {
        if ((await unlessAbsent(stat(file)))?.isFile() === true) return true;
        return (await latestGeneration(await generations())).content !== undefined;
      }),

    size,

    write: (key, bytes) =>
      at(key, async (file, generations) => {
        refuseMixture(key, await hasGenerations(generations));
        await files.replace(file, bytes);
      }),

    create: (key, bytes) =>
      at(key, async (file, generations) => {
        refuseMixture(key, await hasGenerations(generations));
        return (await files.createNew(file, bytes)) !== undefined;
      }),

    compareAndSwap: (key, bytes, expected) =>
      at(key, async (file, generations) => {
        refuseMixture(key, (await unlessAbsent(stat(file))) !== undefined);
        return moveGeneration(await generations(), bytes, expected, files);
      }),

    list,

    async *listSizes(prefix) {
      for await (const key of list(prefix)) {
        const bytes = await size(key);
        // It may have been removed since it was listed.
        if (bytes !== undefined) yield { key, bytes };
      }
    },

    remove: (key) =>
      at(key, async (file, generations) => {
        if ((await unlessAbsent(stat(file)))?.isDirectory() !== true) await unlessAbsent(unlink(file));
        await removeGenerations(await generations());
        await pruneFolders(file, root);
      }),
  };
}
