import { readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { addonFile, addonFolder, addonLink, type TensorflowFolder } from './addon';
import { folderPath, isComplete, keyOf, nativeRoot, type PartFolder } from './cache-folders';
import { recordedOwnTemporal } from './own-temporal';
import type { PartName } from './parts';
import { buildName, type Device } from './tensorflow-wheels';
import { thisMachine, type World } from './world';

/** A part's folder on this platform, or undefined where there is no such part for it. */
export function partFolder(
  world: World,
  part: Exclude<PartName, 'tensorflow'>,
  cache: string,
): PartFolder | undefined {
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

/** The folder of TensorFlow's build for a device, or undefined where this platform has none. */
export function tensorflowFolder(world: World, cache: string, device: Device): TensorflowFolder | undefined {
  const { version, builds } = world.catalogue.tensorflow;
  const name = buildName(world.platform, device);
  const build = builds[name];
  if (build === undefined) return undefined;
  const hashes = [build, ...(build.more ?? [])].map(({ sha256 }) => sha256);
  const source = hashes.length === 1 ? build.sha256 : keyOf(hashes);
  return { root: nativeRoot(cache), name: `tensorflow-${version}-${name}`, source, device };
}

/** The addon for a device, where it and its library are set up. */
export function findTensorflow(world: World, cache: string, device: Device): string | undefined {
  const folder = tensorflowFolder(world, cache, device);
  if (folder === undefined || !isComplete(folder)) return undefined;
  const addon = addonFolder(world, folder);
  return isComplete(addon) ? addonFile(addon) : undefined;
}

/**
 * Where a part is, or undefined where it isn't set up. A few `stat`s; starts nothing and downloads nothing.
 * For `tensorflow` it is the addon: the one that is linked, where there are two.
 */
export function findNative(part: PartName, cache: string, world: World = thisMachine()): string | undefined {
  if (part === 'tensorflow') {
    const built = (['cpu', 'cuda'] as const).flatMap((device) => findTensorflow(world, cache, device) ?? []);
    if (built.length < 2) return built[0];
    const linked = linkTarget(world);
    return built.find((addon) => addon === linked) ?? built[0];
  }
  const own = part === 'temporal' ? recordedOwnTemporal(cache) : undefined;
  if (own !== undefined) return own;
  const folder = partFolder(world, part, cache);
  if (folder === undefined || !isComplete(folder)) return undefined;
  const file = part === 'bucket-emulator' ? world.catalogue[part].binary : part;
  return join(folderPath(folder), file);
}

function linkTarget(world: World): string | undefined {
  try {
    return readlinkSync(addonLink(world));
  } catch {
    return undefined;
  }
}
