import { attributes, executeOne, integers, upload, type Handle } from '../handles';
import { hasOneDnn, oneDnnKernel } from '../one-dnn';

export interface Window {
  /** Rows, then columns. */
  readonly strides: readonly [number, number];
  readonly padding: 'SAME' | 'VALID';
}

function windowOf(value: Handle, { strides, padding }: Window) {
  return [
    attributes.type('T', value.type),
    attributes.int('strides', [1, ...strides, 1]),
    attributes.text('padding', padding),
    attributes.text('data_format', 'NHWC'),
    attributes.int('dilations', [1, 1, 1, 1]),
  ];
}

/**
 * @param images - `[batch, height, width, in]`.
 * @param kernel - `[height, width, in, out]`.
 */
export function conv2d(images: Handle, kernel: Handle, window: Window): Handle {
  return executeOne('Conv2D', windowOf(images, window), [images, kernel]);
}

/**
 * {@link conv2d} and a bias in one pass, by oneDNN; where {@link hasOneDnnBias} says so.
 *
 * @param bias - `[out]`, of the same type.
 */
export function conv2dWithBias(images: Handle, kernel: Handle, bias: Handle, window: Window): Handle {
  const attributesOf = [...windowOf(images, window), oneDnnKernel()];
  return executeOne('_MklNativeConv2DWithBias', attributesOf, [images, kernel, bias]);
}

/** Whether {@link conv2dWithBias} is there for float32. In a half type the bias would be rounded, too. */
export function hasOneDnnBias(): boolean {
  return hasOneDnn('bias', () => {
    const [images, kernel, bias] = [[1, 2, 2, 1], [1, 1, 1, 1], [1]].map((shape) =>
      upload(new Float32Array(shape.reduce((product, length) => product * length, 1)), shape),
    );
    if (images && kernel && bias) {
      conv2dWithBias(images, kernel, bias, { strides: [1, 1], padding: 'VALID' });
    }
  });
}

export function conv2dGradKernel(
  images: Handle,
  kernelShape: readonly number[],
  gradient: Handle,
  window: Window,
): Handle {
  const inputs = [images, integers(kernelShape), gradient];
  return executeOne('Conv2DBackpropFilter', windowOf(images, window), inputs);
}

export function conv2dGradImages(
  imagesShape: readonly number[],
  kernel: Handle,
  gradient: Handle,
  window: Window,
): Handle {
  const inputs = [integers(imagesShape), kernel, gradient];
  return executeOne('Conv2DBackpropInput', windowOf(kernel, window), inputs);
}

/** @param kernel - `[height, width, in, multiplier]`. */
export function depthwiseConv2d(images: Handle, kernel: Handle, window: Window): Handle {
  return executeOne('DepthwiseConv2dNative', windowOf(images, window), [images, kernel]);
}

export function depthwiseConv2dGradKernel(
  images: Handle,
  kernelShape: readonly number[],
  gradient: Handle,
  window: Window,
): Handle {
  const inputs = [images, integers(kernelShape), gradient];
  return executeOne('DepthwiseConv2dNativeBackpropFilter', windowOf(images, window), inputs);
}

export function depthwiseConv2dGradImages(
  imagesShape: readonly number[],
  kernel: Handle,
  gradient: Handle,
  window: Window,
): Handle {
  const inputs = [integers(imagesShape), kernel, gradient];
  return executeOne('DepthwiseConv2dNativeBackpropInput', windowOf(kernel, window), inputs);
}
