import { createHash } from 'node:crypto';
import { constants, type Dirent } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorCode } from '../../../contracts/error-code';
import { Failure } from '../../../contracts/failures';
import type { Source, SourcePicture } from './source';

export interface FolderOptions {
  /** The folder that relative paths start from. */
  readonly project: string;
  /** A folder is a source only where it lies, symbolic links resolved, in one of these. */
  readonly allowedRoots: readonly string[];
}

/** A file of more bytes is no picture, and must not be read into memory to find that out. */
const largestFile = 64 * 1024 * 1024;

/** What operating systems leave behind in folders; nobody means them as pictures. */
function isLitter(name: string): boolean {
  return name.startsWith('.') || ['Thumbs.db', 'desktop.ini', '__MACOSX'].includes(name);
}

function lies(inside: string, folder: string): boolean {
  const relative = path.relative(folder, inside);
  return relative === '' || (relative.split(path.sep)[0] !== '..' && !path.isAbsolute(relative));
}

async function resolved(file: string): Promise<string | undefined> {
  return realpath(file).catch(() => undefined);
}

/** By code unit, so that the order depends on no machine's language. */
function byName(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : 1;
}

/** Codes by which the system says that this path cannot be read, by this user or at all: trying again won't help. */
const aboutThePath: Readonly<Record<string, string>> = {
  EACCES: 'it may not be read by this user',
  EPERM: 'it may not be read by this user',
  ENXIO: 'it is not a file',
  ENODEV: 'it is not a file',
  ENOENT: 'it has gone, or is a link that leads nowhere',
  ENOTDIR: 'it has gone',
  ELOOP: 'its symbolic links lead in a circle',
  ENAMETOOLONG: 'its name is too long for this system',
};

/** What is wrong with a path, or undefined where the error is about something else, such as a failing disk. */
function wrongWith(error: unknown): string | undefined {
  return aboutThePath[errorCode(error) ?? ''];
}

/** @throws Failure `source-invalid` where the folder can't be read: all of what lies in it would be missing. */
async function entriesOf(root: string, below: string): Promise<Dirent[]> {
  try {
    return await readdir(path.join(root, below), { withFileTypes: true });
  } catch (cause) {
    const wrong = wrongWith(cause);
    if (wrong === undefined) throw cause;
    const which = below === '' ? 'itself' : JSON.stringify(below);
    throw new Failure(
      'source-invalid',
      `The source's folder ${which} cannot be read: ${wrong}. Allow the user that Drover runs as to read it ` +
        '(chmod u+rx), or move it out of the source.',
      { cause },
    );
  }
}

/** Every file under a folder, in a fixed order, as paths below `root`. Linked folders are given as files. */
async function* walk(root: string, below = ''): AsyncIterable<string> {
  const entries = await entriesOf(root, below);
  for (const entry of entries.filter(({ name }) => !isLitter(name)).sort(byName)) {
    const relative = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) yield* walk(root, relative);
    else yield relative;
  }
}

function unreadable(cause: unknown): never {
  const wrong = wrongWith(cause);
  if (wrong === undefined) throw cause;
  throw new Failure('picture-unreadable', `Found a file that cannot be opened: ${wrong}.`, { cause });
}

async function readPicture(root: string, relative: string): Promise<Buffer> {
  const file = await realpath(path.join(root, relative)).catch(unreadable);
  if (!lies(file, root)) {
    throw new Failure('path-refused', 'Found a symbolic link that leads out of the source.');
  }
  // Of what was opened, so that nothing can be put in its place in between. A pipe would keep a reader waiting
  // for ever; non-blocking, it is told from a file below.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch(unreadable);
  try {
    const info = await handle.stat();
    if (!info.isFile()) throw new Failure('picture-unreadable', 'Found something that is not a file.');
    if (info.size > largestFile) {
      throw new Failure('picture-too-large', `Found ${info.size} bytes; at most ${largestFile} are read.`);
    }
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/**
 * A folder with one sub-folder a class; deeper folders belong to the class that they lie in.
 *
 * @param uri - a path, relative to `project` or absolute, or a `file://` URL
 * @throws Failure `path-refused`, `source-invalid`
 */
export async function openFolder(uri: string, { project, allowedRoots }: FolderOptions): Promise<Source> {
  const root = await resolved(folderOf(uri, project));
  const allowed = await Promise.all(allowedRoots.map(resolved));
  if (!allowed.some((folder) => folder !== undefined && lies(root ?? folderOf(uri, project), folder))) {
    throw new Failure(
      'path-refused',
      'The source is a folder outside of the project and of the other folders that are allowed. ' +
        'Move it there, or add its folder to DROVER_ALLOWED_ROOTS.',
    );
  }
  if (root === undefined || !(await stat(root)).isDirectory()) {
    throw new Failure(
      'source-invalid',
      `The source is ${root === undefined ? 'not there' : 'a file'}; expected a folder with one sub-folder a ` +
        'class. A relative path starts at the project.',
    );
  }

  return {
    uri,
    labelled: 'by-folder',
    licences: 'As given by whoever put the folder together; Drover knows nothing of it.',

    /** Of names, sizes and times: a file whose bytes change behind both of these is not noticed. */
    async fingerprint() {
      const hash = createHash('sha256');
      for await (const relative of walk(root)) {
        const info = await stat(path.join(root, relative)).catch(() => undefined);
        hash.update(JSON.stringify([relative, info?.size, info?.mtimeMs]));
      }
      return hash.digest('hex');
    },

    async *pictures(): AsyncIterable<SourcePicture> {
      for await (const relative of walk(root)) {
        // A link's own times say nothing of the file that it leads to.
        const info = await stat(path.join(root, relative)).catch(() => undefined);
        yield {
          // macOS takes names apart into letters and accents; the same name must be the same class.
          path: relative.normalize('NFC'),
          ...(info && { stamp: `${info.size} ${info.mtimeMs} ${info.ctimeMs}` }),
          bytes: () => readPicture(root, relative),
        };
      }
    },
  };
}

function folderOf(uri: string, project: string): string {
  if (!/^file:/i.test(uri)) return path.resolve(project, uri);
  try {
    return fileURLToPath(uri);
  } catch (cause) {
    throw new Failure('source-invalid', 'The source is not a valid file:// URL; expected file:///folder.', {
      cause,
    });
  }
}
