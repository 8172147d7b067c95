import { createHash } from 'node:crypto';
import type { Dirent, Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { Failure } from '../../../contracts/failures';
import { isAbsent } from '../../storage/folder-failures';
import { isLitter } from './litter';
import { lies } from './local-path';
import { readFileInside, wrongWith } from './read-file';
import type { Source, SourceLimits, SourcePicture } from './source';

/** By code unit, so that the order depends on no machine's language. */
function byName(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : 1;
}

/**
 * @throws Failure where the folder can't be read, since all of what lies in it would be missing: `source-unavailable`
 *   where it has gone since it was listed, else `source-invalid`
 */
async function entriesOf(root: string, below: string): Promise<Dirent[]> {
  try {
    return await readdir(path.join(root, below), { withFileTypes: true });
  } catch (cause) {
    const wrong = wrongWith(cause);
    if (wrong === undefined) throw cause;
    const which = below === '' ? 'itself' : JSON.stringify(below);
    if (isAbsent(cause)) {
      throw new Failure(
        'source-unavailable',
        `The source's folder ${which} was moved or removed while the source was read. It is read again.`,
        { cause },
      );
    }
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

/** The path, or where it is taken the path and a number; and takes it. */
function uniquePath(path: string, taken: Set<string>): string {
  let unique = path;
  for (let number = 2; taken.has(unique); number += 1) unique = `${path} (${number})`;
  taken.add(unique);
  return unique;
}

function alike(path: string): Failure {
  return new Failure(
    'path-refused',
    `Found a second file whose name reads ${JSON.stringify(path)}, in other bytes. Rename one of them.`,
  );
}

/** So many files are asked about at once: one by one, a folder of a hundred thousand takes ten seconds. */
const asked = 128;

interface WalkedFile {
  readonly relative: string;
  /** Of the file that a link leads to: a link's own times say nothing. Undefined where there is none to be read. */
  readonly info: Stats | undefined;
}

async function* walkWithStats(root: string): AsyncIterable<WalkedFile> {
  let batch: string[] = [];
  const withStats = async (): Promise<WalkedFile[]> => {
    const relatives = batch;
    batch = [];
    const infos = await Promise.all(
      relatives.map((relative) => stat(path.join(root, relative)).catch(() => undefined)),
    );
    return relatives.map((relative, at) => ({ relative, info: infos[at] }));
  };
  for await (const relative of walk(root)) {
    batch.push(relative);
    if (batch.length === asked) yield* await withStats();
  }
  yield* await withStats();
}

/**
 * A folder with one sub-folder a class; deeper folders belong to the class that they lie in.
 *
 * @param uri - as it was given
 * @param root - the folder, its symbolic links resolved
 */
export function openFolder(uri: string, root: string, limits: SourceLimits): Source {
  return {
    uri,
    labelled: 'by-folder',
    licences: 'As given by whoever put the folder together; Drover knows nothing of it.',

    /** Of names, sizes and times: a file whose bytes change behind both of these is not noticed. */
    async fingerprint() {
      const hash = createHash('sha256');
      for await (const { relative, info } of walkWithStats(root)) {
        hash.update(JSON.stringify([relative, info?.size, info?.mtimeMs]));
      }
      return hash.digest('hex');
    },

    async *pictures(): AsyncIterable<SourcePicture> {
      let files = 0;
      const paths = new Set<string>();
      for await (const { relative, info } of walkWithStats(root)) {
        files += 1;
        if (files > limits.files) {
          throw new Failure(
            'source-invalid',
            `The folder holds more than ${limits.files} files. Raise DROVER_MAX_SOURCE_FILES where it may.`,
          );
        }
        // macOS takes names apart into letters and accents; the same name must be the same class.
        const written = relative.normalize('NFC');
        const unique = uniquePath(written, paths);
        if (unique !== written) {
          yield { path: unique, bytes: () => Promise.reject(alike(written)) };
          continue;
        }
        yield {
          path: written,
          ...(info && { stamp: `${info.size} ${info.mtimeMs} ${info.ctimeMs}` }),
          bytes: () => readFileInside(path.join(root, relative), (real) => lies(real, root)),
        };
      }
    },
  };
}
