import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdir, readlink, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { folderPath, keyOf, type PartFolder } from './cache-folders';
import { compilerAdvice, nativeMissing } from './mend';
import { runCommand } from './run-command';
import {
  buildName,
  type Device,
  deviceOfBuild,
  libraryFolder,
  tensorflowLibraries,
} from './tensorflow-wheels';
import type { World } from './world';

const file = 'tfjs_binding.node';
/** The Node-API version that the sources are compiled for: all of Node 20.20 and later have it. */
const napiVersion = 8;

/** TensorFlow's folder in the cache: of one build, which decides where the libraries lie in it. */
export interface TensorflowFolder extends PartFolder {
  readonly device: Device;
}

const packageSchema = z.object({
  version: z.string(),
  binary: z.object({ napi_versions: z.array(z.number()) }),
});

function addonManifest(world: World): z.infer<typeof packageSchema> {
  return packageSchema.parse(JSON.parse(readFileSync(join(world.addonPackage(), 'package.json'), 'utf8')));
}

const compilerOf = (world: World) => (world.platform.startsWith('darwin') ? 'clang++' : 'g++');

/** The compiler's arguments, for the addon in a folder beside the library's. */
function compilerArguments(world: World, tensorflow: TensorflowFolder): string[] {
  const binding = join(world.addonPackage(), 'binding');
  const libraries = tensorflowLibraries(world.platform);
  const within = libraryFolder(tensorflow.device);
  const common = [
    ...['-std=c++17', '-O2', '-fPIC', `-DNAPI_VERSION=${napiVersion}`],
    ...[`-I${world.nodeHeaders()}`, `-I${join(folderPath(tensorflow), 'include')}`],
    ...[join(binding, 'tfjs_backend.cc'), join(binding, 'tfjs_binding.cc')],
  ];
  // Found from where the addon lies, so that the cache can be moved or copied into an image.
  return world.platform.startsWith('darwin')
    ? [
        ...['-bundle', '-undefined', 'dynamic_lookup', ...common],
        ...libraries.map((library) => join(folderPath(tensorflow), within, library)),
        `-Wl,-rpath,@loader_path/../${join(tensorflow.name, within)}`,
      ]
    : [
        ...[
          '-shared',
          ...common,
          `-L${join(folderPath(tensorflow), within)}`,
          ...libraries.map((library) => `-l:${library}`),
        ],
        `-Wl,-rpath,$ORIGIN/../${join(tensorflow.name, within)}`,
      ];
}

/** The addon's place in the cache: another one for each source, set of headers, library and command. */
export function addonFolder(world: World, tensorflow: TensorflowFolder): PartFolder {
  const binding = join(world.addonPackage(), 'binding');
  const texts = [binding, world.nodeHeaders()].flatMap((folder) =>
    readdirSync(folder)
      .sort()
      .flatMap((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );
  const command = [compilerOf(world), ...compilerArguments(world, tensorflow)].map((argument) =>
    [
      [world.addonPackage(), '<addon>'],
      [world.nodeHeaders(), '<node>'],
      [tensorflow.root, '<native>'],
    ].reduce((text, [place = '', name = '']) => text.replaceAll(place, name), argument),
  );
  const key = keyOf([world.platform, tensorflow.source, ...command, ...texts]);
  const { version } = addonManifest(world);
  return {
    root: tensorflow.root,
    name: `tfjs-addon-${version}-${key.slice(0, 12)}-${buildName(world.platform, tensorflow.device)}`,
    source: key,
  };
}

export function addonFile(addon: PartFolder): string {
  return join(folderPath(addon), file);
}

/**
 * Asked before the library is downloaded, which may take minutes.
 *
 * @throws Failure `native-missing` where there is no compiler.
 */
export async function requireCompiler(world: World): Promise<void> {
  if ((await compilerVersion(world)) !== undefined) return;
  throw nativeMissing(
    `A C++ compiler is needed to build TensorFlow's addon, and there is no ${compilerOf(world)} here. ` +
      `Run: ${compilerAdvice(world.platform)}`,
  );
}

/** The first line of what the compiler says of itself, or undefined where there is none. */
export async function compilerVersion(world: World): Promise<string | undefined> {
  const told = await runCommand(compilerOf(world), ['--version'], { environment: world.environment });
  return told.code === 0 ? told.stdout.split('\n')[0] : undefined;
}

/**
 * Compiles the addon of tfjs-node from its own source, with the compiler alone (no make, no node-gyp), and
 * loads it once in a process of its own, so that a library that doesn't fit this machine is noticed here.
 *
 * @throws Failure `native-missing` where compiling or loading fails.
 */
export async function compileAddon(
  world: World,
  tensorflow: TensorflowFolder,
  prepared: string,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const compiler = compilerOf(world);
  const output = join(prepared, file);
  const result = await runCommand(compiler, [...compilerArguments(world, tensorflow), '-o', output], {
    environment: world.environment,
    signal,
  });
  if (result.code !== 0) {
    if (result.stderr.includes('No space left')) {
      throw nativeMissing(`The disk became full while TensorFlow's addon was compiled. Free some space.`);
    }
    const error = result.stderr.split('\n').find((line) => line.includes('error')) ?? result.stderr.trim();
    throw nativeMissing(`${compiler} could not build TensorFlow's addon: ${error}`, new Error(result.stderr));
  }
  const fault = await loadFault(world, output, signal);
  if (fault !== undefined) throw nativeMissing(`TensorFlow can't be loaded on this machine: ${fault}`);
  return [file];
}

/** Why the addon can't be loaded, or undefined where it can; tried in a process of its own. */
export async function loadFault(
  world: World,
  path: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const code = 'process.dlopen({ exports: {} }, process.argv[1])';
  const result = await runCommand(world.node, ['-e', code, path], { signal });
  if (result.code === 0) return undefined;
  return result.stderr.split('\n').find((line) => /^\w*Error:/.test(line)) ?? `exit code ${result.code}`;
}

/** Where tfjs-node looks for its addon: `lib/napi-v8/tfjs_binding.node` on Node 20, 22 and 24 alike. */
export function addonLink(world: World): string {
  const { binary } = addonManifest(world);
  const best = Math.max(...binary.napi_versions.filter((version) => version <= world.napi));
  return join(world.addonPackage(), 'lib', `napi-v${best}`, file);
}

export async function isLinked(world: World, target: string): Promise<boolean> {
  const link = addonLink(world);
  return (await readlink(link).catch(() => undefined)) === target && existsSync(link);
}

/** What the linked addon's TensorFlow computes on, or undefined where none is linked. */
export async function linkedDevice(world: World): Promise<Device | undefined> {
  const target = await readlink(addonLink(world)).catch(() => undefined);
  return target === undefined ? undefined : deviceOfBuild(basename(dirname(target)));
}

/** Puts a symbolic link to the cached addon where tfjs-node looks, in one step. `npm ci` removes it again. */
export async function linkAddon(world: World, target: string): Promise<void> {
  if (await isLinked(world, target)) return;
  const link = addonLink(world);
  const temporary = `${link}.${process.pid}`;
  await mkdir(join(link, '..'), { recursive: true });
  await rm(temporary, { force: true });
  await symlink(target, temporary);
  await rename(temporary, link);
}
