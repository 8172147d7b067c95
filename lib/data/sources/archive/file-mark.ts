import { open, type FileHandle } from 'node:fs/promises';
import { errorCode } from '../../../../contracts/error-code';
import { Failure } from '../../../../contracts/failures';

/**
 * Which file this is. Not when it was written: another process may be about to write the same bytes once more,
 * and other bytes are noticed by their checksums.
 */
export async function fileMark(handle: FileHandle): Promise<string> {
  const { dev, ino, size } = await handle.stat();
  return JSON.stringify([dev, ino, size]);
}

/**
 * Opens a file again.
 *
 * @throws Failure `source-unavailable` where it is another by now, or gone: what was read of it no longer fits
 */
export async function openUnchanged(file: string, mark: string): Promise<FileHandle> {
  const changed = (cause?: unknown): Failure =>
    new Failure(
      'source-unavailable',
      'The archive was changed or removed while it was read. It is read again.',
      {
        cause,
      },
    );
  const handle = await open(file).catch((error: unknown) => {
    throw errorCode(error) === 'ENOENT' ? changed(error) : error;
  });
  if ((await fileMark(handle)) === mark) return handle;
  await handle.close();
  throw changed();
}
