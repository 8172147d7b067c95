import { attributes, execute, executeOne, integers, upload, type DataType, type Handle } from '../handles';
import { hasOneDnn, oneDnnKernel } from '../one-dnn';
import { cast } from './arithmetic';
import type { Window } from './convolution';

export interface PoolWindow extends Window {
  /** Rows, then columns. */
  readonly size: readonly [number, number];
}

function windowOf(value: Handle, { size, strides, padding }: PoolWindow) {
  return [
    attributes.type('T', value.type),
    attributes.int('ksize', [1, ...size, 1]),
    attributes.int('strides', [1, ...strides, 1]),
    attributes.text('padding', padding),
  ];
}

const channelsLast = () => attributes.text('data_format', 'NHWC');

export function maxPool(images: Handle, window: PoolWindow): Handle {
  return executeOne('MaxPool', [...windowOf(images, window), channelsLast()], [images]);
}

/** The gradient by looking for the largest values once more. */
export function maxPoolGrad(images: Handle, output: Handle, gradient: Handle, window: PoolWindow): Handle {
  const inputs = [images, output, gradient];
  return executeOne('MaxPoolGrad', [...windowOf(images, window), channelsLast()], inputs);
}

const withWorkspace = () => [oneDnnKernel(), attributes.bool('workspace_enabled', true), channelsLast()];

/**
 * Max pooling by oneDNN, which remembers in a byte for each result where the largest value stood: forward and
 * backward take a tenth of the time of `MaxPool` and `MaxPoolGrad`. On a CPU, and where
 * {@link hasOneDnnPooling} says so.
 */
export function maxPoolWithWorkspace(
  images: Handle,
  window: PoolWindow,
): { output: Handle; workspace: Handle } {
  const [output, workspace] = execute(
    '_MklNativeMaxPool',
    [...windowOf(images, window), ...withWorkspace()],
    [images],
    2,
  );
  if (output === undefined || workspace === undefined) throw new Error('_MklNativeMaxPool has two outputs');
  return { output, workspace };
}

/** @param images - Of which only the shape counts. */
export function maxPoolGradByWorkspace(
  images: Handle,
  workspace: Handle,
  gradient: Handle,
  window: PoolWindow,
): Handle {
  // The second input is the result of pooling, of which the kernel reads no more than the shape.
  const inputs = [images, gradient, gradient, workspace];
  return executeOne('_MklNativeMaxPoolGrad', [...windowOf(images, window), ...withWorkspace()], inputs);
}

/** Whether pooling by oneDNN is there for a type. */
export function hasOneDnnPooling(type: DataType): boolean {
  return hasOneDnn(`pooling ${type}`, () => {
    const images = cast(upload(new Float32Array(4), [1, 2, 2, 1]), type);
    const window: PoolWindow = { size: [2, 2], strides: [2, 2], padding: 'VALID' };
    const { output, workspace } = maxPoolWithWorkspace(images, window);
    maxPoolGradByWorkspace(images, workspace, output, window);
  });
}

const withoutBatch = () => attributes.bool('include_batch_in_index', false);

/**
 * Max pooling that also tells where each largest value stood, by TensorFlow's own kernel: with
 * {@link maxPoolGradAt} forward and backward take a third of the time of `MaxPool` and `MaxPoolGrad` on a CPU.
 *
 * @returns the pooled values, and int64 places. (TensorFlow's kernel is four times faster with int32 places,
 *   but its gradient takes int64 only.)
 */
export function maxPoolWithPlaces(images: Handle, window: PoolWindow): { output: Handle; places: Handle } {
  const [output, places] = execute(
    'MaxPoolWithArgmax',
    [...windowOf(images, window), attributes.type('Targmax', 'int32'), withoutBatch()],
    [images],
    2,
  );
  if (output === undefined || places === undefined) throw new Error('MaxPoolWithArgmax has two outputs');
  return { output, places: cast(places, 'int64') };
}

/** @param images - Of which only the shape counts. */
export function maxPoolGradAt(images: Handle, places: Handle, gradient: Handle, window: PoolWindow): Handle {
  return executeOne(
    'MaxPoolGradWithArgmax',
    [...windowOf(images, window), attributes.type('Targmax', 'int64'), withoutBatch()],
    [images, gradient, places],
  );
}

/** The mean of each window's values; padding doesn't count. */
export function averagePool(images: Handle, window: PoolWindow): Handle {
  return executeOne('AvgPool', [...windowOf(images, window), channelsLast()], [images]);
}

export function averagePoolGrad(
  imagesShape: readonly number[],
  gradient: Handle,
  window: PoolWindow,
): Handle {
  const inputs = [integers(imagesShape), gradient];
  return executeOne('AvgPoolGrad', [...windowOf(gradient, window), channelsLast()], inputs);
}
