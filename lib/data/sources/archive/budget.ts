import { Failure } from '../../../../contracts/failures';
import type { SourceLimits } from '../source';

/** Pictures hardly compress; what unpacks to more than this many times its size is made to fill a disk or memory. */
const largestRatio = 100;
/** Below this, any ratio is harmless. */
const harmlessBytes = 64 * 1024 * 1024;

const advice = 'Unpack it yourself where you know whose it is, and name the folder as the source.';

/** What one archive may still take; it throws where that is too much. */
export interface Budget {
  /** One more entry, of whatever kind. */
  entry(): void;
  /** Bytes that came out of so many that went in, in all so far. */
  unpacked(bytes: number, from: number): void;
}

/** @throws Failure `source-invalid` from its methods, with what to set where the archive is meant to be so large */
export function createBudget(limits: SourceLimits): Budget {
  let entries = 0;
  return {
    entry() {
      entries += 1;
      if (entries > limits.files) {
        throw new Failure(
          'source-invalid',
          `The archive holds more than ${limits.files} entries. Raise DROVER_MAX_SOURCE_FILES where it may.`,
        );
      }
    },
    unpacked(bytes, from) {
      if (bytes > limits.unpacked) {
        throw new Failure(
          'source-invalid',
          `The archive unpacks to more than ${limits.unpacked} bytes. Raise DROVER_MAX_UNPACKED_BYTES where it may.`,
        );
      }
      if (bytes > harmlessBytes && bytes > from * largestRatio) {
        throw new Failure(
          'source-invalid',
          `The archive unpacks to more than ${largestRatio} times its size, as archives do that are made to ` +
            `do harm, and pictures never do. ${advice}`,
        );
      }
    },
  };
}
