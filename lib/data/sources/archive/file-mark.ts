import type { FileHandle } from 'node:fs/promises';
import { Failure } from '../../../../contracts/failures';

/**
 * Which file this is. Not when it was written: another process may be about to write the same bytes once more,
 * and other bytes are noticed by their checksums.
 */
export async function fileMark(handle: FileHandle): Promise<string> {
  const { dev, ino, size } = await handle.stat();
  return JSON.stringify([dev, ino, size]);
}

/** @throws Failure `source-unavailable` where the file is another by now: what was read of it no longer fits */
export async function requireUnchanged(handle: FileHandle, mark: string): Promise<void> {
  if ((await fileMark(handle)) === mark) return;
  throw new Failure('source-unavailable', 'The archive was changed while it was read. It is read again.');
}
