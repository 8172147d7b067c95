import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../../contracts/failures';
import { shellWord } from '../../page/shell-word';
import type { SourceOptions } from './source';

/** Whether a path is a folder or lies in it; both with their symbolic links resolved. */
export function lies(inside: string, folder: string): boolean {
  const relative = path.relative(folder, inside);
  return relative === '' || (relative.split(path.sep)[0] !== '..' && !path.isAbsolute(relative));
}

async function resolved(file: string): Promise<string | undefined> {
  return realpath(file).catch(() => undefined);
}

/**
 * Whether a path lies in one of the folders that sources may lie in. What is not there is judged as it is written.
 */
export async function isAllowed(file: string, allowedRoots: readonly string[]): Promise<boolean> {
  const real = (await resolved(file)) ?? file;
  const roots = await Promise.all(allowedRoots.map(resolved));
  return roots.some((root) => root !== undefined && lies(real, root));
}

/** What is said of a path that lies in none of the folders that sources may lie in. */
export function outsideText(file: string): string {
  return (
    `The workers may not read ${file}: it lies outside of the project. Allow it where they are started: ` +
    `DROVER_ALLOWED_ROOTS=${shellWord(file)} npm start (or a folder above it; several are separated by :).`
  );
}

function written(uri: string, from: string): string {
  if (!/^file:/i.test(uri)) return path.resolve(from, uri);
  try {
    return fileURLToPath(uri);
  } catch (cause) {
    throw new Failure('source-invalid', 'The source is not a valid file:// URL; expected file:///folder.', {
      cause,
    });
  }
}

/**
 * A path of this machine, its symbolic links resolved.
 *
 * @param uri - a path, relative to the project or absolute, or a `file://` URL
 * @throws Failure `path-refused` where it lies outside of the allowed roots; `source-invalid` where nothing is there
 */
export async function resolveLocal(
  uri: string,
  { project, allowedRoots }: Pick<SourceOptions, 'project' | 'allowedRoots'>,
): Promise<string> {
  const given = written(uri, project);
  if (!(await isAllowed(given, allowedRoots))) {
    throw new Failure('path-refused', outsideText(given));
  }
  const real = await resolved(given);
  if (real === undefined) {
    throw new Failure(
      'source-invalid',
      'The source is not there; expected a folder with one sub-folder a class, an archive (.zip, .tar, .tar.gz) ' +
        'or a manifest (.csv, .jsonl). A relative path starts at the project.',
    );
  }
  return real;
}
