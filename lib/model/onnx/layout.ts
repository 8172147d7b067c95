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
 * TensorFlow's SAME padding at stride 1, as ONNX's `pads` (top, left, bottom, right): where it is odd, the
 * larger part comes after the picture.
 */
export function samePads(height: number, width: number): [number, number, number, number] {
  const top = Math.floor((height - 1) / 2);
  const left = Math.floor((width - 1) / 2);
  return [top, left, height - 1 - top, width - 1 - left];
}
