import { errorCode } from '../../contracts/error-code';
import { Failure } from '../../contracts/failures';

/** Whether the error says that there is nothing at the path. */
export function isAbsent(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** What `work` gives, or undefined where there is nothing at its path. */
export async function unlessAbsent<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

const advice: Readonly<Record<string, string>> = {
  ENOSPC: 'The disk is full: free some space.',
  EDQUOT: 'The disk quota is used up: free some space or raise the quota.',
  EROFS: 'The folder is mounted read-only.',
  EACCES: 'Check who owns the folder and may write there.',
  EPERM: 'The file system refused; it must support hard links (exFAT and some network shares do not).',
  ENOTSUP: 'The file system must support hard links (exFAT and some network shares do not).',
  EXDEV: 'No folder inside the store may be a mount point of its own.',
  EMFILE: 'Too many files are open: raise the limit (ulimit -n).',
};

/** What a folder's error means to the store's user. A {@link Failure} passes through unchanged. */
export function folderFailure(error: unknown, root: string, key: string): unknown {
  const code = errorCode(error);
  if (error instanceof Failure || code === undefined) return error;
  if (code === 'EISDIR' || code === 'ENOTDIR' || code === 'ENOTEMPTY' || code === 'EEXIST') {
    return new Failure(
      'path-refused',
      `The key ${key} cannot be written in ${root}: in a folder, no key may be the beginning of another's path.`,
      { cause: error },
    );
  }
  if (code === 'ENAMETOOLONG' || code === 'ELOOP') {
    return new Failure('path-refused', `The key ${key} cannot be kept in ${root} (${code}).`, {
      cause: error,
    });
  }
  return new Failure(
    'storage-unavailable',
    `The store in ${root} failed at ${key} (${code}). ${advice[code] ?? 'Check the folder and its disk.'}`,
    { cause: error },
  );
}
