/**
 * TensorFlow keeps channels last, ONNX first: a convolution's kernel `[height, width, in, out]` becomes
 * `[out, in, height, width]`.
 */
export function convolutionKernel(
  values: Float32Array,
  [height, width, inputs, outputs]: readonly [number, number, number, number],
): Float32Array {
  const turned = new Float32Array(values.length);
  let from = 0;
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      for (let input = 0; input < inputs; input += 1) {
        for (let output = 0; output < outputs; output += 1) {
          turned[((output * inputs + input) * height + y) * width + x] = values[from] ?? 0;
          from += 1;
        }
      }
    }
  }
  return turned;
}

/**
 * The rows of a dense layer's kernel `[height × width × channels, units]`, put into the order in which a
 * picture with channels first is flattened.
 */
export function flattenedRows(
  values: Float32Array,
  [height, width, channels]: readonly [number, number, number],
  units: number,
): Float32Array {
  const turned = new Float32Array(values.length);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      for (let channel = 0; channel < channels; channel += 1) {
        const from = ((y * width + x) * channels + channel) * units;
        turned.set(values.subarray(from, from + units), ((channel * height + y) * width + x) * units);
      }
    }
  }
  return turned;
}

/**
 * A depthwise kernel `[height, width, in, multiplier]` as that of a convolution in as many groups as there are inputs:
 * `[in × multiplier, 1, height, width]`.
 */
export function depthwiseKernel(
  values: Float32Array,
  [height, width, inputs, multiplier]: readonly [number, number, number, number],
): Float32Array {
  const outputs = inputs * multiplier;
  const turned = new Float32Array(values.length);
  for (let place = 0; place < height * width; place += 1) {
    for (let output = 0; output < outputs; output += 1) {
      turned[output * height * width + place] = values[place * outputs + output] ?? 0;
    }
  }
  return turned;
}

/** Of a window that moves over pictures, in rows or columns. */
export interface Sweep {
  readonly size: number;
  readonly window: number;
  readonly stride: number;
}

/**
 * TensorFlow's padding as ONNX's `pads` (top, left, bottom, right): where SAME needs an odd number of zeros, the larger
 * part comes after the picture, and with strides it depends on the picture's size.
 */
export function padsOf(
  padding: 'SAME' | 'VALID',
  rows: Sweep,
  columns: Sweep,
): [number, number, number, number] {
  if (padding === 'VALID') return [0, 0, 0, 0];
  const [top, bottom] = samePads(rows);
  const [left, right] = samePads(columns);
  return [top, left, bottom, right];
}

function samePads({ size, window, stride }: Sweep): [number, number] {
  const all = Math.max(0, (Math.ceil(size / stride) - 1) * stride + window - size);
  const before = Math.floor(all / 2);
  return [before, all - before];
}
