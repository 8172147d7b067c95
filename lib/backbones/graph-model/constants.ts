import type { BackboneWeight } from '../../../contracts/schemas/backbone';
import { elementBytes, weightBytes } from '../weight-bytes';
import { refused } from '../refused';

/** Numbers of a graph that don't change, as they are kept: they may be quantised. */
export interface Constant {
  readonly weight: BackboneWeight;
  readonly bytes: Uint8Array;
}

/** Each weight with its own bytes, by name. */
export function constantsOf(
  weights: readonly BackboneWeight[],
  bytes: Uint8Array,
): ReadonlyMap<string, Constant> {
  const constants = new Map<string, Constant>();
  let from = 0;
  for (const weight of weights) {
    const to = from + weightBytes(weight);
    constants.set(weight.name, { weight, bytes: bytes.subarray(from, to) });
    from = to;
  }
  return constants;
}

export function float32Constant(values: readonly number[]): Constant {
  return {
    weight: { name: 'made', shape: [values.length], dtype: 'float32' },
    bytes: new Uint8Array(Float32Array.from(values).buffer),
  };
}

/** The same numbers, in another shape of as many. */
export function reshaped({ weight, bytes }: Constant, shape: readonly number[]): Constant {
  return { weight: { ...weight, shape: [...shape] }, bytes };
}

/** A matrix with its rows and columns in turn; it stays as it is kept. */
export function transposed({ weight, bytes }: Constant): Constant {
  const [rows = 0, columns = 0] = weight.shape;
  const size = elementBytes(weight);
  const turned = new Uint8Array(bytes.length);
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const from = (row * columns + column) * size;
      turned.set(bytes.subarray(from, from + size), (column * rows + row) * size);
    }
  }
  return { weight: { ...weight, shape: [columns, rows] }, bytes: turned };
}

/** The values of a short list of whole numbers, such as axes and paddings. */
export function wholeNumbers({ weight, bytes }: Constant): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = bytes.length / elementBytes(weight);
  const { dtype, quantization } = weight;
  const read = (at: number): number => {
    if (quantization?.dtype === 'uint8') return view.getUint8(at) * quantization.scale + quantization.min;
    if (quantization?.dtype === 'uint16')
      return view.getUint16(at * 2, true) * quantization.scale + quantization.min;
    if (quantization === undefined && dtype === 'int32') return view.getInt32(at * 4, true);
    throw refused(`its constant ${weight.name} should hold whole numbers.`);
  };
  return Array.from({ length: Math.min(count, 64) }, (_, at) => Math.round(read(at)));
}
