import { kernel } from './kernel';
import { lanczosWeights, type Weights } from './weights';

type Numbers = (...numbers: readonly number[]) => void;

/** What `kernel.wat` exports, and says more of. */
interface Kernel {
  readonly memory: WebAssembly.Memory;
  readonly rows: Numbers;
  readonly columns: Numbers;
  readonly pixels: Numbers;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Of pixels that can be resized: each a byte, or three. */
export type Channels = 1 | 3;

/** Weights take a good part of the time to compute, and a dataset's pictures are of few sizes. */
const keptWeights = 512;
/** Up to sixteen bytes are read at a time: everything begins at a multiple of them, with some to spare behind it. */
const alignment = 16;

/** Resizes pictures with Lanczos 3, by WebAssembly: the same pixels on every machine. */
export interface Resizer {
  /** Where a picture is to be put before it is resized. It is overwritten by the next one. */
  readonly place: Buffer;
  /**
   * @param from - Of what stands in `place`, row by row.
   * @returns `[to.height, to.width, channels]`; undefined where there is no room for what lies between.
   */
  resize(from: Size, to: Size, channels: Channels): Uint8Array | undefined;
}

/** @param placeBytes - Of the largest picture. */
export function createResizer(placeBytes: number): Resizer {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(kernel));
  const { memory, rows, columns, pixels } = exports as Kernel;
  const known = new Map<string, Weights>();

  function weightsOf(from: number, to: number, multiple: number): Weights {
    const key = `${from} ${to} ${multiple}`;
    const found = known.get(key) ?? lanczosWeights(from, to, multiple);
    // The one that was used last stands last.
    known.delete(key);
    known.set(key, found);
    if (known.size > keptWeights) known.delete(known.keys().next().value ?? '');
    return found;
  }

  return {
    place: Buffer.from(memory.buffer, 0, placeBytes),
    resize(from, to, channels) {
      const down = weightsOf(from.height, to.height, 2);
      const across = weightsOf(from.width, to.width, channels === 1 ? 8 : 4);
      const stride = from.width * channels;
      let end = 0;
      const take = (bytes: number, spare = alignment): number => {
        const at = end;
        end = Math.ceil((at + bytes + spare) / alignment) * alignment;
        return at;
      };
      // Taps that weigh nothing may lie below the last row.
      const source = take(Math.max(placeBytes, (from.height + down.taps) * stride));
      const [downStarts, downWeights] = [take(down.starts.byteLength), take(down.weights.byteLength)];
      const [acrossStarts, acrossWeights] = [take(across.starts.byteLength), take(across.weights.byteLength)];
      const between = take(to.height * stride, across.taps * channels + alignment);
      const length = to.width * to.height * channels;
      const out = take(length);
      if (end > memory.buffer.byteLength) return undefined;
      new Int32Array(memory.buffer, downStarts, to.height).set(down.starts);
      new Int16Array(memory.buffer, downWeights, down.weights.length).set(down.weights);
      new Int32Array(memory.buffer, acrossStarts, to.width).set(across.starts);
      new Int16Array(memory.buffer, acrossWeights, across.weights.length).set(across.weights);
      rows(source, stride, stride, to.height, down.taps, downStarts, downWeights, between, stride);
      const along = channels === 1 ? columns : pixels;
      along(between, stride, to.height, to.width, across.taps, acrossStarts, acrossWeights, out);
      return new Uint8Array(memory.buffer, out, length).slice();
    },
  };
}
