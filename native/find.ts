import { join } from 'node:path';
import { addonFile, addonFolder } from './addon';
import { folderPath, isComplete, nativeRoot, type PartFolder } from './cache-folders';
import { recordedOwnTemporal } from './own-temporal';
import type { PartName } from './parts';
import { thisMachine, type World } from './world';

/** A part's folder on this platform, or undefined where there is no such part for it. */
export function partFolder(world: World, part: PartName, cache: string): PartFolder | undefined {
  const root = nativeRoot(cache);
  if (part === 'bucket-emulator') {
    const { version, sum } = world.catalogue[part];
    return { root, name: `${part}-${version}-${world.platform}`, source: sum };
  }
  const wheel = world.catalogue[part];
  const build = wheel.builds[world.platform];
  if (build === undefined) return undefined;
  return { root, name: `${part}-${wheel.version}-${world.platform}`, source: build.sha256 };
}

/**
 * Where a part is, or undefined where it isn't set up. A few `stat`s; starts nothing and downloads nothing.
 * For `tensorflow` it is the addon.
 */
export function findNative(part: PartName, cache: string, world: World = thisMachine()): string | undefined {
  const own = part === 'temporal' ? recordedOwnTemporal(cache) : undefined;
  if (own !== undefined) return own;
  const folder = partFolder(world, part, cache);
  if (folder === undefined || !isComplete(folder)) return undefined;
  switch (part) {
    case 'temporal':
    case 'temporal-test-server':
      return join(folderPath(folder), part);
    case 'bucket-emulator':
      return join(folderPath(folder), world.catalogue[part].binary);
    case 'tensorflow': {
      const addon = addonFolder(world, folder);
      return isComplete(addon) ? addonFile(addon) : undefined;
    }
  }
}
