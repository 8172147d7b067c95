import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { errorCode } from '../../../contracts/error-code';
import { Failure } from '../../../contracts/failures';
import { largestPicture } from './source';

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
export function wrongWith(error: unknown): string | undefined {
  return aboutThePath[errorCode(error) ?? ''];
}

function unreadable(cause: unknown): never {
  const wrong = wrongWith(cause);
  if (wrong === undefined) throw cause;
  throw new Failure('picture-unreadable', `Found a file that cannot be opened: ${wrong}.`, { cause });
}

/**
 * Reads a file that may be a picture.
 *
 * @param isInside - whether a path, its symbolic links resolved, is one of the source's
 * @throws Failure `path-refused`, `picture-unreadable`, `picture-too-large`; what a failing disk throws
 */
export async function readFileInside(
  given: string,
  isInside: (real: string) => boolean | Promise<boolean>,
): Promise<Buffer> {
  const file = await realpath(given).catch(unreadable);
  if (!(await isInside(file))) {
    throw new Failure('path-refused', 'Found a symbolic link or a path that leads out of the source.');
  }
  // Of what was opened, so that nothing can be put in its place in between. A pipe would keep a reader waiting
  // for ever; non-blocking, it is told from a file below.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK).catch(unreadable);
  try {
    const info = await handle.stat();
    if (!info.isFile()) throw new Failure('picture-unreadable', 'Found something that is not a file.');
    if (info.size > largestPicture) {
      throw new Failure('picture-too-large', `Found ${info.size} bytes; at most ${largestPicture} are read.`);
    }
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
