import type { FileHandle } from 'node:fs/promises';
import { Failure } from '../../../../contracts/failures';

/** Which file this is, and as it was at one moment. */
export async function fileMark(handle: FileHandle): Promise<string> {
  const { dev, ino, size, mtimeMs } = await handle.stat();
  return JSON.stringify([dev, ino, size, mtimeMs]);
}

/** @throws Failure `source-unavailable` where the file is another by now: what was read of it no longer fits */
export async function requireUnchanged(handle: FileHandle, mark: string): Promise<void> {
  if ((await fileMark(handle)) === mark) return;
  throw new Failure('source-unavailable', 'The archive was changed while it was read. It is read again.');
}
