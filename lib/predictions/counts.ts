/**
 * What becomes of answers that are to be kept. Records, but for `waiting`, which is bytes:
 * - `kept`: written to the spool;
 * - `passed`: not in the share that is kept;
 * - `full`, `disk`: dropped, for the spool was at its bound, or could not be written;
 * - `shipped`: written to the store;
 * - `waiting`: what the spool holds.
 */
export const spoolCountNames = ['kept', 'passed', 'full', 'disk', 'shipped', 'waiting'] as const;
export type SpoolCountName = (typeof spoolCountNames)[number];

const bytesEach = BigInt64Array.BYTES_PER_ELEMENT;

/** Counts that all threads of a process share: each adds to them, and whoever wants to know reads them. */
export class SpoolCounts {
  readonly #values: BigInt64Array;

  /** @param shared - another's, in another thread; a new one where it is left out. */
  constructor(
    readonly shared: SharedArrayBuffer = new SharedArrayBuffer(spoolCountNames.length * bytesEach),
  ) {
    this.#values = new BigInt64Array(shared);
  }

  add(name: SpoolCountName, amount: number): void {
    Atomics.add(this.#values, spoolCountNames.indexOf(name), BigInt(amount));
  }

  get(name: SpoolCountName): number {
    return Number(Atomics.load(this.#values, spoolCountNames.indexOf(name)));
  }
}
