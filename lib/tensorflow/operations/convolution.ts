import { attributes, executeOne, integers, type Handle } from '../handles';

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
