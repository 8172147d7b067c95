import { constants } from 'node:fs';
import { access, mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Settings } from '../contracts/schemas/settings';
import { compilerVersion, isLinked, linkedDevice, loadFault } from './addon';
import { nativeRoot, type PartFolder } from './cache-folders';
import type { DoctorCheck } from './doctor-check';
import { checkGpu, wantedDevice } from './doctor-gpu';
import { findNative, findTensorflow, partFolder, tensorflowFolder } from './find';
import { compilerAdvice, pipAdvice, readableBytes } from './mend';
import { type PartName, partTitles } from './parts';
import { isPortFree, portHolder } from './ports';
import { queryNvidia } from './nvidia';
import { runCommand } from './run-command';
import { buildName, type Device, deviceOfBuild } from './tensorflow-wheels';
import { weightOf } from './wheel';
import { thisMachine, type World } from './world';

const oldestNode = [20, 20] as const;
/** A run's data, checkpoints and logs; the native parts ask for their own room. */
const roomForWork = 1e9;
const needed = ['temporal', 'tensorflow'] as const satisfies readonly PartName[];

/**
 * Looks at everything that `npm start` needs, changes nothing but the store's folder (made where it is
 * missing), and throws for nothing that it finds.
 */
export async function doctor(settings: Settings, world: World = thisMachine()): Promise<DoctorCheck[]> {
  const { cache } = settings;
  const node = checkNode();
  const nvidia = await queryNvidia(world.environment);
  const device = wantedDevice(world, settings.device, nvidia);
  const tools = await Promise.all([
    checkPip(world, cache),
    checkCompiler(world, cache),
    checkDisk(world, settings, device),
  ]);
  const ports = await Promise.all(checkPorts(settings));
  const parts = [await checkTemporal(world, cache), await checkTensorflow(world, cache, device)];
  return [
    node,
    ...tools,
    checkGpu(settings.device, nvidia),
    ...ports,
    ...parts,
    await checkAddon(world, cache, device),
    await checkStore(settings.store),
  ];
}

function checkNode(): DoctorCheck {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
  const advice = ok ? {} : { advice: `Install Node ${oldestNode.join('.')} or later: https://nodejs.org` };
  return { name: 'Node', ok, found: process.version, ...advice };
}

const allThere = (world: World, cache: string) =>
  needed.every((part) => findNative(part, cache, world) !== undefined);

async function checkPip(world: World, cache: string): Promise<DoctorCheck> {
  const told = await runCommand('python3', ['-m', 'pip', '--version'], { environment: world.environment });
  if (told.code === 0) return { name: 'pip', ok: true, found: told.stdout.trim().split(' from ')[0] ?? '' };
  // pip only downloads: where all is there already, nothing is amiss.
  const found = told.code === undefined ? 'no python3' : 'python3 without pip';
  return { name: 'pip', ok: allThere(world, cache), found, advice: pipAdvice(world.platform) };
}

async function checkCompiler(world: World, cache: string): Promise<DoctorCheck> {
  const version = await compilerVersion(world);
  if (version !== undefined) return { name: 'C++ compiler', ok: true, found: version };
  const ok = findNative('tensorflow', cache, world) !== undefined;
  return { name: 'C++ compiler', ok, found: 'none', advice: compilerAdvice(world.platform) };
}

async function checkDisk(world: World, settings: Settings, device: Device): Promise<DoctorCheck> {
  const { cache } = settings;
  const temporal =
    findNative('temporal', cache, world) === undefined
      ? world.catalogue.temporal.builds[world.platform]
      : undefined;
  const tensorflow =
    findTensorflow(world, cache, device) === undefined
      ? world.catalogue.tensorflow.builds[buildName(world.platform, device)]
      : undefined;
  const missing = [temporal, tensorflow].flatMap((build) => (build === undefined ? [] : [weightOf(build)]));
  const bytes = missing.reduce((sum, build) => sum + build.unpackedBytes + build.bytes, 0);
  const places = await Promise.all([
    world.freeBytes(settings.cache).then((free) => ({ folder: settings.cache, free, wanted: bytes })),
    world.freeBytes(settings.home).then((free) => ({ folder: settings.home, free, wanted: roomForWork })),
  ]);
  const short = places.find(({ free, wanted }) => free < wanted);
  const shown = short ?? places[1];
  const found = `${readableBytes(shown.free)} free in ${shown.folder}`;
  if (short === undefined) return { name: 'disk', ok: true, found };
  const advice = `${readableBytes(short.wanted)} are needed there: free some space, or set DROVER_CACHE or DROVER_HOME`;
  return { name: 'disk', ok: false, found, advice };
}

function checkPorts(settings: Settings): Promise<DoctorCheck>[] {
  const { development } = settings.temporal;
  const api = { name: 'API', variable: 'DROVER_API_PORT', host: settings.api.host, port: settings.api.port };
  const host = '127.0.0.1';
  const temporal =
    development === undefined
      ? []
      : [
          { name: 'Temporal', variable: 'DROVER_TEMPORAL_PORT', host, port: development.port },
          { name: 'Temporal UI', variable: 'DROVER_TEMPORAL_UI_PORT', host, port: development.uiPort },
        ];
  return [api, ...temporal].map(async ({ name, variable, host: address, port }) => {
    const check = `port ${port} (${name})`;
    if (await isPortFree(address, port)) return { name: check, ok: true, found: 'free' };
    const holder = await portHolder(port);
    const who = holder === undefined ? 'another process' : `${holder.command} (process ${holder.pid})`;
    if (holder !== undefined && (await ownProcesses(settings.home)).includes(holder.pid)) {
      return { name: check, ok: true, found: `in use by this project's running Drover, ${who}` };
    }
    return {
      name: check,
      ok: false,
      found: `in use by ${who}`,
      advice: `End that process, or choose another port: ${variable}=${port > 65_000 ? port - 10 : port + 10}`,
    };
  });
}

/** Every process id in `processes.json`, which a running Drover keeps. */
async function ownProcesses(home: string): Promise<readonly number[]> {
  const text = await readFile(join(home, 'processes.json'), 'utf8').catch(() => '');
  return [...text.matchAll(/"pid"\s*:\s*(\d+)/g)].map(([, pid]) => Number(pid));
}

async function checkTemporal(world: World, cache: string): Promise<DoctorCheck> {
  const name = partTitles.temporal;
  const path = findNative('temporal', cache, world);
  if (path !== undefined) return { name, ok: true, found: path };
  const { builds } = world.catalogue.temporal;
  return missingPart(world, name, partFolder(world, 'temporal', cache), builds, cache);
}

async function checkTensorflow(world: World, cache: string, device: Device): Promise<DoctorCheck> {
  const name = partTitles.tensorflow;
  const path = findTensorflow(world, cache, device);
  const { version, builds } = world.catalogue.tensorflow;
  const build = device === 'cuda' ? `${version} with CUDA 12` : `${version} for the CPU`;
  if (path !== undefined) return { name, ok: true, found: `${build}: ${path}` };
  const check = await missingPart(world, name, tensorflowFolder(world, cache, device), builds, cache);
  return { ...check, found: `${build}: ${check.found}` };
}

async function missingPart(
  world: World,
  name: string,
  folder: PartFolder | undefined,
  builds: Readonly<Record<string, unknown>>,
  cache: string,
): Promise<DoctorCheck> {
  if (folder === undefined) {
    const there = Object.keys(builds)
      .filter((build) => deviceOfBuild(build) === 'cpu')
      .join(', ');
    return { name, ok: false, found: `none for ${world.platform}`, advice: `Use one of ${there}` };
  }
  const names = await readdir(nativeRoot(cache)).catch(() => []);
  // With CUDA a folder's name begins with that of the one without.
  const half = names.some((file) => file === folder.name || file.startsWith(`${folder.name}.`));
  return {
    name,
    ok: false,
    comes: true,
    found: half ? 'half set up' : 'not set up yet',
    advice: half ? 'npm start goes on where it was' : 'npm start brings it',
  };
}

async function checkAddon(world: World, cache: string, device: Device): Promise<DoctorCheck> {
  const name = "TensorFlow's addon";
  const path = findTensorflow(world, cache, device);
  if (path === undefined) {
    // An image brings one, and where it was made no GPU was seen; it works, on what it was made for.
    const linked = await linkedDevice(world);
    const found = linked === undefined ? 'not built yet' : `only built for ${titles[linked]}`;
    return { name, ok: false, comes: true, found, advice: 'npm start builds it' };
  }
  if (!(await isLinked(world, path))) {
    const found = 'not linked into node_modules';
    return { name, ok: false, comes: true, found, advice: 'npm start links it' };
  }
  const fault = await loadFault(world, path);
  if (fault === undefined) {
    return { name, ok: true, found: `linked to TensorFlow for ${titles[device]}, and loads` };
  }
  return { name, ok: false, found: fault, advice: `Remove ${dirname(path)}, and npm start builds it again` };
}

const titles = { cpu: 'the CPU', cuda: 'CUDA 12' } as const satisfies Record<Device, string>;

async function checkStore(store: string): Promise<DoctorCheck> {
  const name = 'store';
  if (store.startsWith('gs://'))
    return { name, ok: true, found: `${store} (a bucket: tried when it is used)` };
  try {
    await mkdir(store, { recursive: true });
    await access(store, constants.W_OK | constants.X_OK);
    return { name, ok: true, found: `${store} can be written` };
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return {
      name,
      ok: false,
      found,
      advice: 'Allow it, or choose another place: DROVER_STORE=/a/folder/of/yours',
    };
  }
}
