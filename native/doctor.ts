import { constants } from 'node:fs';
import { access, mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Settings } from '../contracts/schemas/settings';
import { compilerVersion, isLinked, loadFault } from './addon';
import { nativeRoot } from './cache-folders';
import { findNative, partFolder } from './find';
import { compilerAdvice, pipAdvice, readableBytes } from './mend';
import { type PartName, partTitles } from './parts';
import { isPortFree, portHolder } from './ports';
import { runCommand } from './run-command';
import { thisMachine, type World } from './world';

/** One line of `drover doctor`. `advice` is what mends it, where there is something to mend or to know. */
export interface DoctorCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  readonly advice?: string;
}

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
  const tools = await Promise.all([
    checkPip(world, cache),
    checkCompiler(world, cache),
    checkDisk(world, settings),
  ]);
  const ports = await Promise.all(checkPorts(settings));
  const parts = await Promise.all(needed.map((part) => checkPart(world, part, cache)));
  return [
    node,
    ...tools,
    ...ports,
    ...parts,
    await checkAddon(world, cache),
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

async function checkDisk(world: World, settings: Settings): Promise<DoctorCheck> {
  const missing = needed.filter((part) => findNative(part, settings.cache, world) === undefined);
  const download = missing.map((part) => world.catalogue[part].builds[world.platform]);
  const bytes = download.reduce((sum, build) => sum + (build?.unpackedBytes ?? 0) + (build?.bytes ?? 0), 0);
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

async function checkPart(world: World, part: (typeof needed)[number], cache: string): Promise<DoctorCheck> {
  const name = partTitles[part];
  const path = findNative(part, cache, world);
  if (path !== undefined) return { name, ok: true, found: path };
  const folder = partFolder(world, part, cache);
  if (folder === undefined) {
    const there = Object.keys(world.catalogue[part].builds).join(', ');
    return { name, ok: false, found: `none for ${world.platform}`, advice: `Use one of ${there}` };
  }
  const names = await readdir(nativeRoot(cache)).catch(() => []);
  const half = names.some((file) => file.startsWith(folder.name));
  return {
    name,
    ok: false,
    found: half ? 'half set up' : 'not set up yet',
    advice: half ? 'npm start goes on where it was' : 'npm start brings it',
  };
}

async function checkAddon(world: World, cache: string): Promise<DoctorCheck> {
  const name = "TensorFlow's addon";
  const path = findNative('tensorflow', cache, world);
  if (path === undefined) return { name, ok: false, found: 'not built yet', advice: 'npm start builds it' };
  if (!(await isLinked(world, path))) {
    return { name, ok: false, found: 'not linked into node_modules', advice: 'npm start links it' };
  }
  const fault = await loadFault(world, path);
  if (fault === undefined) return { name, ok: true, found: 'linked, and loads' };
  return { name, ok: false, found: fault, advice: `Remove ${dirname(path)}, and npm start builds it again` };
}

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
