import { createHash } from 'node:crypto';

/** A seeded source of random numbers: the same seed gives the same numbers, on every machine. */
export interface Random {
  /** Uniform in [0, 1), with 32 random bits. */
  next(): number;
  /** A uniform integer in [0, n), for an integer n of 1 to 2³². */
  int(n: number): number;
  /** Normally distributed, with mean 0 and standard deviation 1 (Box and Muller, 1958). */
  normal(): number;
  /**
   * Another generator, whose numbers depend on this one's seed and the label alone: not on what was
   * drawn before, so that drawing more in one place moves nothing in another.
   */
  fork(label: string): Random;
  /** A new array with the same items in random order (Fisher and Yates). */
  shuffle<T>(items: readonly T[]): T[];
}

/**
 * Chris Doty-Humphrey's sfc32 (PractRand 0.94), its state the SHA-256 of the seed, so that near seeds are
 * no likelier to give near sequences.
 *
 * @param seed - A number and the text of that number are the same seed.
 */
export function createRandom(seed: number | string): Random {
  const origin = String(seed);
  const digest = createHash('sha256').update(origin).digest();
  let a = digest.readUInt32LE(0);
  let b = digest.readUInt32LE(4);
  let c = digest.readUInt32LE(8);
  let counter = digest.readUInt32LE(12);

  function bits(): number {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  function int(n: number): number {
    if (!Number.isSafeInteger(n) || n < 1 || n > 2 ** 32) {
      throw new RangeError(`int(n) takes an integer of 1 to 2^32, not ${n}`);
    }
    // Numbers in the last, incomplete round of n would favour the small ones: draw again.
    const limit = 2 ** 32 - (2 ** 32 % n);
    for (;;) {
      const drawn = bits();
      if (drawn < limit) return drawn % n;
    }
  }

  let spare: number | undefined;

  return {
    next: () => bits() / 2 ** 32,
    int,
    normal() {
      if (spare !== undefined) {
        const kept = spare;
        spare = undefined;
        return kept;
      }
      // (0, 1], whose logarithm is finite.
      const radius = Math.sqrt(-2 * Math.log((bits() + 1) / 2 ** 32));
      const angle = 2 * Math.PI * (bits() / 2 ** 32);
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
    fork: (label) => createRandom(`${origin}\u0000${label}`),
    shuffle<T>(items: readonly T[]): T[] {
      const shuffled = [...items];
      for (let last = shuffled.length - 1; last > 0; last -= 1) {
        const other = int(last + 1);
        // Both indices lie inside the array, whatever T is.
        [shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T];
      }
      return shuffled;
    },
  };
}
