import { readdir, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { Failure } from '../contracts/failures';
import { isNamedAsPicture } from '../lib/data/extensions';

/**
 * The files that are meant by what was typed: a file itself, whatever it is called; the pictures of a folder and of all
 * folders in it; what a pattern fits (`*`, `?`, and `**` for any folders), for shells that leave patterns as they are.
 *
 * @returns paths as they would be typed from `folder`, each once, in the order of what was typed.
 * @throws Failure `not-found` where something of it is not there, or holds no pictures.
 */
export async function picturesToSend(typed: readonly string[], folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const each of typed) found.push(...(await meantBy(each, folder)));
  return [...new Set(found)];
}

async function meantBy(typed: string, folder: string): Promise<string[]> {
  const kind = await kindOf(resolve(folder, typed));
  if (kind === 'file') return [typed];
  if (kind === 'folder') {
    const files = (await filesIn(resolve(folder, typed))).filter(isNamedAsPicture);
    if (files.length > 0) return files.map((file) => join(typed, file));
    throw new Failure(
      'not-found',
      `The folder ${typed} holds no files that are named as pictures are (.jpg, .png, .webp, …).`,
    );
  }
  if (!/[*?]/.test(typed)) throw new Failure('not-found', `There is no file or folder ${typed}.`);
  const files = await fitting(typed, folder);
  if (files.length === 0) throw new Failure('not-found', `No file fits ${typed}.`);
  return files;
}

async function kindOf(path: string): Promise<'file' | 'folder' | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return undefined;
  return found.isDirectory() ? 'folder' : 'file';
}

/** Files in a folder and below it, relative to it and sorted; hidden ones are nobody's pictures. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((file) => !file.split('/').some((part) => part.startsWith('.')))
    .sort();
}

async function fitting(pattern: string, folder: string): Promise<string[]> {
  const parts = pattern.split('/');
  const first = parts.findIndex((part) => /[*?]/.test(part));
  // `/*.png` begins at the root, `*.png` here.
  const base = first === 0 ? '.' : parts.slice(0, first).join('/') || '/';
  if ((await kindOf(resolve(folder, base))) !== 'folder') return [];
  const fits = expressionOf(parts.slice(first));
  const files = await filesIn(resolve(folder, base));
  return files.filter((file) => fits.test(file)).map((file) => join(base, file));
}

function expressionOf(parts: readonly string[]): RegExp {
  const sources = parts.map((part, index) => {
    const last = index === parts.length - 1;
    if (part === '**') return last ? '.*' : '(?:[^/]+/)*';
    const one = part
      .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '[^/]*')
      .replaceAll('?', '[^/]');
    return last ? one : `${one}/`;
  });
  return new RegExp(`^${sources.join('')}$`, 'u');
}
