import type { FileHandle } from 'node:fs/promises';

/** Writes all of `piece` at a position of a file: a write may take less than it is given. */
export async function writeAt(handle: FileHandle, piece: Buffer, at: number): Promise<void> {
  let done = 0;
  while (done < piece.length) {
    done += (await handle.write(piece, done, piece.length - done, at + done)).bytesWritten;
  }
}
