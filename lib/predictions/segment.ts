import { closeSync, ftruncateSync, mkdirSync, openSync, renameSync, writevSync } from 'node:fs';
import { join } from 'node:path';
import { closedName, newSegment } from './segment-names';

/** Writes pieces one after the other, and says how many bytes it wrote. */
export type WritePieces = (file: number, pieces: readonly Uint8Array[]) => number;

/** Of the disk alone; a test puts a full one in its place. */
export const writePieces: WritePieces = (file, pieces) => writevSync(file, pieces);

/** A file that frames are appended to, by one thread; once it is closed nothing more comes to it, and it may be shipped. */
export class Segment {
  readonly begun: number;
  readonly #folder: string;
  readonly #name: string;
  readonly #file: number;
  readonly #write: WritePieces;
  #bytes = 0;

  /** @throws Error of the file system */
  constructor(folder: string, now: number, write: WritePieces) {
    this.begun = now;
    this.#folder = folder;
    this.#name = newSegment(now);
    this.#write = write;
    // Pictures that people sent: nobody else on the machine is to read them.
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#file = openSync(join(folder, this.#name), 'ax', 0o600);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Appends a frame, or nothing of it.
   *
   * @throws Error of the file system: nothing more must be appended, for a part of the frame may stand at the end
   */
  append(pieces: readonly Uint8Array[], length: number): void {
    const written = this.#write(this.#file, pieces);
    if (written !== length) {
      throw new Error(`${written} of ${length} bytes were written to the spool: its disk is full.`);
    }
    this.#bytes += length;
  }

  /** Takes away what a failed write has left at the end. Where that fails too, whoever reads the segment leaves it out. */
  trim(): void {
    try {
      ftruncateSync(this.#file, this.#bytes);
    } catch {
      // See above.
    }
  }

  /** Never fails: at worst it stays open by its name, and is taken for a leftover soon. */
  close(): void {
    try {
      closeSync(this.#file);
      renameSync(join(this.#folder, this.#name), join(this.#folder, closedName(this.#name, this.#bytes)));
    } catch {
      // See above.
    }
  }
}
