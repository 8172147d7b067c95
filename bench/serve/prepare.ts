import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import type { LoadPicture } from '../../lib/load/picture-requests';
import { createRandom } from '../../lib/random';

const checkout = join(__dirname, '..', '..');

function run(command: readonly string[]): void {
  const [file = '', ...args] = command;
  execFileSync(file, args, { cwd: checkout, stdio: ['ignore', 'inherit', 'inherit'] });
}

/** Builds Drover as its image has it, into a folder of the bench's own: the checkout's `dist` may be in use. */
export function buildDrover(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'bin'), { recursive: true });
  const tsc = join(checkout, 'node_modules', 'typescript', 'bin', 'tsc');
  run([
    process.execPath,
    tsc,
    '-p',
    'tsconfig.build.json',
    '--outDir',
    join(folder, 'dist'),
    '--tsBuildInfoFile',
    join(folder, 'info'),
  ]);
  cpSync(join(checkout, 'api', 'page'), join(folder, 'dist', 'api', 'page'), { recursive: true });
  for (const file of ['drover.js', 'temporal.js']) {
    copyFileSync(join(checkout, 'bin', file), join(folder, 'bin', file));
  }
  copyFileSync(join(checkout, 'package.json'), join(folder, 'package.json'));
  copyFileSync(join(checkout, 'package.json'), join(folder, 'dist', 'package.json'));
  symlinkSync(join(checkout, 'node_modules'), join(folder, 'node_modules'));
}

/** See `make-model.ts`, which is a process of its own so that TensorFlow is not loaded beside what is measured. */
export function makeModel(name: string, home: string, backbone: string): void {
  rmSync(home, { recursive: true, force: true });
  // A clone in which nothing has run yet has no TensorFlow.
  run([process.execPath, '--import', 'tsx', join(checkout, 'native', 'setup.ts'), 'tensorflow']);
  run([process.execPath, '--import', 'tsx', join(__dirname, 'make-model.ts'), name, home, backbone]);
}

/** So many photographs of a folder and its folders, drawn by a seed. */
export function readPhotographs(folder: string, count: number): LoadPicture[] {
  if (!existsSync(folder))
    throw new Error(`No folder ${folder}. Pass one of photographs: --pictures <folder>`);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.jpe?g$/i.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  if (files.length === 0) throw new Error(`No .jpg in ${folder}. Pass another folder: --pictures <folder>`);
  const drawn = createRandom(1).fork('pictures').shuffle(files).slice(0, count);
  return drawn.map((file) => ({ name: basename(file), bytes: readFileSync(file) }));
}
