/**
 * PDQ, the perceptual hash that Facebook published: "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing
 * Algorithm" (Facebook AI Threat Research, 2019), section 3. Its two passes of a Jarosz filter bring a picture to 64 × 64; here the
 * decoder's Lanczos 3 does, so hashes differ in a few bits from those of other implementations.
 */

/** Width and height of the luma that is hashed. */
export const hashedSide = 64;

const frequencies = 16;

const half = hashedSide / 2;

/**
 * The 16 lowest frequencies but for the constant one: row k is cos(π/2/64 · (k + 1) · (2x + 1)), scaled. Only its first
 * half: the second is the same in a mirror, with the other sign where k is even.
 */
const transform = Array.from({ length: frequencies }, (_, k) =>
  Float64Array.from(
    { length: half },
    (_, x) => Math.sqrt(2 / hashedSide) * Math.cos((Math.PI / 2 / hashedSide) * (k + 1) * (2 * x + 1)),
  ),
);

/** Two pictures that look alike are at most this many bits apart: the paper's own recommendation. */
export const nearBits = 31;

/** The low frequencies of 64 values, of which the first lies at `from` and the next ones `step` apart. */
function frequenciesOf(values: ArrayLike<number>, from: number, step: number, found: Float64Array): void {
  for (let x = 0; x < half; x += 1) {
    const near = values[from + x * step] ?? 0;
    const far = values[from + (hashedSide - 1 - x) * step] ?? 0;
    sums[x] = near + far;
    differences[x] = near - far;
  }
  transform.forEach((row, k) => {
    const folded = k % 2 === 0 ? differences : sums;
    let sum = 0;
    for (let x = 0; x < half; x += 1) sum += (row[x] ?? 0) * (folded[x] ?? 0);
    found[k] = sum;
  });
}

const sums = new Float64Array(half);
const differences = new Float64Array(half);

/** 64 × 64 to 16 × 16, row by row. */
function lowFrequencies(luma: Uint8Array): Float64Array {
  const across = new Float64Array(hashedSide * frequencies);
  for (let y = 0; y < hashedSide; y += 1) {
    frequenciesOf(luma, y * hashedSide, 1, across.subarray(y * frequencies));
  }
  const found = new Float64Array(frequencies * frequencies);
  const column = new Float64Array(frequencies);
  for (let x = 0; x < frequencies; x += 1) {
    frequenciesOf(across, x, frequencies, column);
    for (let k = 0; k < frequencies; k += 1) found[k * frequencies + x] = column[k] ?? 0;
  }
  return found;
}

/**
 * A bit for each low frequency: whether it is above the median of all.
 *
 * @param luma - `[64, 64]`, row by row, each in [0, 255].
 * @returns 64 hexadecimal digits, the highest frequencies first, as PDQ writes them.
 */
export function perceptualHash(luma: Uint8Array): string {
  const found = lowFrequencies(luma);
  const median = found.toSorted()[found.length / 2 - 1] ?? 0;
  const bytes = new Uint8Array(found.length / 8);
  found.forEach((value, bit) => {
    if (value > median) {
      const byte = bytes.length - 1 - (bit >> 3);
      bytes[byte] = (bytes[byte] ?? 0) | (1 << (bit & 7));
    }
  });
  return Buffer.from(bytes).toString('hex');
}

/**
 * How much there is in a picture to tell it by: PDQ's measure, the sum of the steps between neighbours. Hashes below 50 say
 * little, as the paper has it: plain areas and gentle slopes look alike.
 *
 * @param luma - As of {@link perceptualHash}.
 * @returns 0 to 100, a whole number.
 */
export function hashQuality(luma: Uint8Array): number {
  let sum = 0;
  const step = (from: number, to: number) =>
    Math.abs(Math.trunc((((luma[from] ?? 0) - (luma[to] ?? 0)) * 100) / 255));
  for (let y = 0; y < hashedSide; y += 1) {
    for (let x = 0; x < hashedSide; x += 1) {
      const at = y * hashedSide + x;
      if (y + 1 < hashedSide) sum += step(at, at + hashedSide);
      if (x + 1 < hashedSide) sum += step(at, at + 1);
    }
  }
  return Math.min(100, Math.trunc(sum / 90));
}

const bitsOf = Uint8Array.from({ length: 16 }, (_, digit) => digit.toString(2).replaceAll('0', '').length);

/**
 * In how many bits two hashes differ, 0 to 256; pictures that look alike differ in {@link nearBits} at most.
 *
 * @param a - 64 hexadecimal digits, as is `b`.
 */
export function hashDistance(a: string, b: string): number {
  let distance = 0;
  for (let at = 0; at < a.length; at += 1) {
    distance += bitsOf[parseInt(a.charAt(at), 16) ^ parseInt(b.charAt(at), 16)] ?? 0;
  }
  return distance;
}
