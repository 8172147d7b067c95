import { cp, mkdir, readFile, readdir, realpath, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { Failure } from '../../contracts/failures';
import type { Console } from '../display/console';
import { slug } from '../own-pictures';
import type { Outside } from '../settings';

/** Names that git and npm would read in the template itself, and so are other names there. */
const dotted: Readonly<Record<string, string>> = { gitignore: '.gitignore', npmrc: '.npmrc' };

/** Makes a project: Drover's own configurations to change, a place for pictures, and a start script. */
export async function init(given: string, outside: Outside, out: Console): Promise<void> {
  const folder = resolve(outside.folder, given);
  await requireEmpty(folder);
  const installation = dirname(dirname(await realpath(outside.program)));
  const words = {
    '{{name}}': slug(basename(folder)),
    '{{drover}}': await dependencyOn(installation, folder),
  };
  const template = join(installation, 'templates', 'project');
  for (const path of await filesOf(template)) {
    const target = join(folder, dirname(path), dotted[basename(path)] ?? basename(path));
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, fill(await readFile(join(template, path), 'utf8'), words));
  }
  await cp(join(installation, 'configs'), join(folder, 'configs'), { recursive: true });

  const { bold } = out.colours;
  out.say(`Made ${bold(folder)}. Next:`);
  out.say();
  out.say(`  cd ${shortPath(outside.folder, folder)}`);
  out.say('  npm install');
  out.say('  npm start                          trains on the built-in sample and serves');
  out.say('  npm start -- --data ./photos       your own pictures, one sub-folder a class');
}

async function requireEmpty(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (!found) return;
  if (!found.isDirectory())
    throw new Failure('start-refused', `${folder} is a file. Expected a new or empty folder.`);
  if ((await readdir(folder)).length > 0) {
    throw new Failure('start-refused', `${folder} is not empty. Choose a new or an empty folder.`);
  }
}

/** As long as Drover is not in the registry, a project depends on the copy that made it. */
async function dependencyOn(installation: string, folder: string): Promise<string> {
  const own: unknown = JSON.parse(await readFile(join(installation, 'package.json'), 'utf8'));
  const published = typeof own === 'object' && own !== null && !('private' in own && own.private === true);
  if (published && 'version' in own && typeof own.version === 'string') return `^${own.version}`;
  const path = relative(folder, installation);
  return `file:${path.startsWith('.') ? path : `./${path}`}`;
}

async function filesOf(folder: string, below = ''): Promise<string[]> {
  const entries = await readdir(join(folder, below), { withFileTypes: true });
  const files = await Promise.all(
    entries.map(async (entry) => {
      const path = join(below, entry.name);
      return entry.isDirectory() ? filesOf(folder, path) : [path];
    }),
  );
  return files.flat();
}

function fill(text: string, words: Readonly<Record<string, string>>): string {
  return Object.entries(words).reduce((filled, [word, value]) => filled.replaceAll(word, value), text);
}

function shortPath(from: string, to: string): string {
  const path = relative(from, to);
  return path.startsWith('..') ? to : path === '' ? '.' : path;
}
