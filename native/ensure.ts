import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from '../contracts/schemas/settings';
import { addonFolder, compileAddon, linkAddon, requireCompiler, type TensorflowFolder } from './addon';
import { folderPath, install, isComplete, nativeRoot, type PartFolder } from './cache-folders';
import { removeLeftovers, temporaryFolder } from './cache-folders';
import { chooseDevice } from './device';
import { downloadWheel } from './download-wheel';
import { errorCode } from '../contracts/error-code';
import { findNative, findTensorflow, partFolder, tensorflowFolder } from './find';
import { hasGo, installGoPart } from './go-part';
import { withLock } from './lock';
import { diskFull, nativeMissing, readableBytes } from './mend';
import { findOwnTemporal } from './own-temporal';
import { type PartName, partTitles } from './parts';
import type { ReportProgress, SetupPhase } from './progress';
import { buildName, type Device, deviceOfBuild } from './tensorflow-wheels';
import { unpackWheel } from './unpack-wheel';
import { type WheelBuild, type WheelFile, type WheelPart, weightOf, wheelFiles } from './wheel';
import { thisMachine, type World } from './world';

export interface EnsureOptions {
  /** The folder that all projects share ({@link Settings.cache}); the parts lie in `native/` below it. */
  readonly cache: string;
  readonly report: ReportProgress;
  /** Which TensorFlow; by default the one with CUDA where a GPU is seen that it runs on. */
  readonly device?: Settings['device'];
  /** Told, before a large download begins, how much it is and about how long it takes. */
  readonly announce?: (message: string) => void;
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
    const device = parts.includes('tensorflow') ? await chooseDevice(world, options.device ?? 'auto') : 'cpu';
    const find = (part: PartName) =>
      part === 'tensorflow' ? findTensorflow(world, cache, device) : findNative(part, cache, world);
    const missing = parts.filter((part) => !paths.has(part) && find(part) === undefined);
    const needs = missing.map((part) => needOf(world, part, device, cache));
    await checkDisk(world, needs, device, cache);
    announceDownload(needs, device, options);
    for (const part of parts) {
      if (missing.includes(part) && !(await setUp(world, part, device, options))) continue;
      const path = paths.get(part) ?? find(part);
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

function buildOf(world: World, part: Exclude<PartName, 'bucket-emulator'>, device: Device): WheelBuild {
  const wheel: WheelPart = world.catalogue[part];
  const build = wheel.builds[part === 'tensorflow' ? buildName(world.platform, device) : world.platform];
  if (build !== undefined) return build;
  const there = Object.keys(wheel.builds)
    .filter((name) => deviceOfBuild(name) === 'cpu')
    .join(', ');
  throw nativeMissing(
    `There is no ${partTitles[part]} ${wheel.version} for ${world.platform}, only for ${there}.`,
  );
}

function folderOf(world: World, part: PartName, device: Device, cache: string): PartFolder | undefined {
  return part === 'tensorflow' ? tensorflowFolder(world, cache, device) : partFolder(world, part, cache);
}

/** Where a finished wheel waits until all that its part needs are there. */
const keptWheel = (folder: PartFolder, file: WheelFile, own: WheelFile) =>
  file === own ? `${folderPath(folder)}.whl` : `${folderPath(folder)}.${file.project}.whl`;

/** Bytes that a missing part takes. */
interface Need {
  readonly unpacked: number;
  /** Still to download; the wheels are deleted once their part is there. */
  readonly download: number;
}

function needOf(world: World, part: PartName, device: Device, cache: string): Need {
  if (part === 'bucket-emulator') return { unpacked: 60e6, download: 0 };
  const build = buildOf(world, part, device);
  const folder = folderOf(world, part, device, cache);
  if (folder === undefined || isComplete(folder)) return { unpacked: 1e6, download: 0 };
  const files = wheelFiles(world.catalogue[part], build);
  const toCome = files.filter((file) => !existsSync(keptWheel(folder, file, files[0])));
  return {
    unpacked: weightOf(build).unpackedBytes,
    download: toCome.reduce((sum, file) => sum + file.bytes, 0),
  };
}

/** Unpacked parts add up; a part's wheels are deleted before the next one's come. */
async function checkDisk(world: World, needs: readonly Need[], device: Device, cache: string): Promise<void> {
  if (needs.length === 0) return;
  const unpacked = needs.reduce((sum, need) => sum + need.unpacked, 0);
  const needed = unpacked + Math.max(...needs.map(({ download }) => download));
  const free = await world.freeBytes(nativeRoot(cache));
  if (free >= needed) return;
  throw diskFull(nativeRoot(cache), needed, free, device === 'cuda' ? withoutCuda : '');
}

const withoutCuda = '. Most of it is CUDA; DROVER_DEVICE=cpu does without, and trains on the CPU';

/** From here on a download is announced; a smaller one has its progress bar alone. */
const largeDownload = 1e9;
const bytesAMinute = (100e6 / 8) * 60;

function announceDownload(needs: readonly Need[], device: Device, { announce }: EnsureOptions): void {
  const download = needs.reduce((sum, need) => sum + need.download, 0);
  if (download < largeDownload) return;
  const unpacked = needs.reduce((sum, need) => sum + need.unpacked, 0);
  const minutes = Math.ceil(download / bytesAMinute);
  announce?.(
    `To download, once: ${readableBytes(download)}, about ${minutes} minutes at 100 Mbit/s; ` +
      `then ${readableBytes(unpacked)} of disk` +
      (device === 'cuda' ? `${withoutCuda}.` : '.'),
  );
}

/** @returns false where an optional part can't be had on this machine. */
async function setUp(world: World, part: PartName, device: Device, options: EnsureOptions): Promise<boolean> {
  if (part === 'bucket-emulator') {
    const folder = partFolder(world, part, options.cache);
    if (folder === undefined || !(await hasGo(world))) return false;
    await prepare(folder, part, options, (prepared) => {
      options.report({ part, phase: 'compile' });
      return installGoPart(world, world.catalogue[part], prepared, options.signal);
    });
    return true;
  }
  const build = buildOf(world, part, device);
  if (part === 'tensorflow') {
    const library = tensorflowFolder(world, options.cache, device);
    if (library === undefined) return false;
    await requireToolchain(world);
    await prepare(library, part, options, (prepared) =>
      bringWheels(world, part, build, library, prepared, options),
    );
    await setUpAddon(world, library, options);
    return true;
  }
  const folder = partFolder(world, part, options.cache);
  if (folder === undefined) return false;
  await prepare(folder, part, options, (prepared) =>
    bringWheels(world, part, build, folder, prepared, options),
  );
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

async function setUpAddon(world: World, tensorflow: TensorflowFolder, options: EnsureOptions): Promise<void> {
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

/** All of a part's wheels come before the first is unpacked, so that an interrupted set-up loses none of them. */
async function bringWheels(
  world: World,
  part: Exclude<PartName, 'bucket-emulator'>,
  build: WheelBuild,
  folder: PartFolder,
  prepared: string,
  { report, signal }: EnsureOptions,
): Promise<readonly string[]> {
  const files = wheelFiles(world.catalogue[part], build);
  const total = weightOf(build);
  const say = (phase: SetupPhase, all: number, before: number) => (done: number) => {
    report({ part, phase, done: before + done, total: all });
  };
  let before = 0;
  for (const file of files) {
    const workFolder = join(prepared, 'pip');
    await mkdir(workFolder, { recursive: true });
    const onBytes = say('download', total.bytes, before);
    await downloadWheel(world, {
      ...{ file, workFolder, onBytes, signal },
      wheel: keptWheel(folder, file, files[0]),
    });
    await rm(workFolder, { recursive: true, force: true });
    before += file.bytes;
  }
  before = 0;
  for (const file of files) {
    const onBytes = say('unpack', total.unpackedBytes, before);
    await unpackWheel(keptWheel(folder, file, files[0]), file.members, prepared, onBytes, signal);
    before += file.unpackedBytes;
  }
  await Promise.all(files.map((file) => rm(keptWheel(folder, file, files[0]), { force: true })));
  return files.flatMap(({ members }) => members.map(({ to }) => to));
}
