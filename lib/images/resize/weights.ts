/** How one side is brought from so many pixels to so many others: each output is a weighted sum of neighbours. */
export interface Weights {
  /** Of each output, the first of the inputs that it is made of. */
  readonly starts: Int32Array;
  /** `[outputs × taps]`; of each output they add up to {@link one}. */
  readonly weights: Int16Array;
  /** Inputs to an output. */
  readonly taps: number;
}

/** The number that stands for 1: 14 bits leave room for a weight of more than 1 beside negative ones. */
const one = 1 << 14;
const lobes = 3;

/** Lanczos's kernel with three lobes on either side (Duchon 1979). */
function lanczos(x: number): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= lobes) return 0;
  const angle = Math.PI * x;
  return (lobes * Math.sin(angle) * Math.sin(angle / lobes)) / (angle * angle);
}

/**
 * Weights of a resize with Lanczos 3, antialiased where it makes smaller: the kernel is as wide as what an output stands for. At an edge
 * the weights of what lies beyond are left out, and the others grow. This is what Pillow computes, with 22 bits.
 *
 * @param from - Pixels that there are.
 * @param to - Pixels that are wanted.
 * @param multiple - What the number of taps is to be divisible by; those that are added weigh nothing.
 */
export function lanczosWeights(from: number, to: number, multiple: number): Weights {
  const scale = from / to;
  const width = Math.max(1, scale);
  const reach = lobes * width;
  const taps = Math.ceil((Math.ceil(reach) * 2 + 1) / multiple) * multiple;
  const starts = new Int32Array(to);
  const weights = new Int16Array(to * taps);
  const exact = new Float64Array(taps);
  for (let output = 0; output < to; output += 1) {
    const centre = (output + 0.5) * scale;
    const first = Math.max(0, Math.floor(centre - reach + 0.5));
    const end = Math.min(from, Math.floor(centre + reach + 0.5));
    // Begun early enough for all taps to lie within the picture, where it has so many.
    const start = Math.min(first, Math.max(0, from - taps));
    starts[output] = start;
    exact.fill(0);
    let sum = 0;
    for (let input = first; input < end; input += 1) {
      const weight = lanczos((input + 0.5 - centre) / width);
      exact[input - start] = weight;
      sum += weight;
    }
    let left = one;
    let largest = 0;
    for (let tap = 0; tap < taps; tap += 1) {
      const weight = Math.round(((exact[tap] ?? 0) / sum) * one);
      weights[output * taps + tap] = weight;
      left -= weight;
      if ((exact[tap] ?? 0) > (exact[largest] ?? 0)) largest = tap;
    }
    // What rounding left over, so that an even area stays as it is.
    weights[output * taps + largest] = (weights[output * taps + largest] ?? 0) + left;
  }
  return { starts, weights, taps };
}
