import { tensorflowDevice } from '../../../tensorflow/native';
import { free, scalar, type Handle } from '../../../tensorflow/handles';
import { broadcastTo, mean, mul, reshape } from '../../../tensorflow/operations/arithmetic';
import {
  averagePool,
  averagePoolGrad,
  hasOneDnnPooling,
  maxPool,
  maxPoolGrad,
  maxPoolGradAt,
  maxPoolGradByWorkspace,
  maxPoolWithPlaces,
  maxPoolWithWorkspace,
  type PoolWindow,
} from '../../../tensorflow/operations/pooling';
import type { Operation } from '../operation';

const fixed = { variables: [], statistics: [], dispose: () => undefined } as const;

/**
 * Max pooling by the fastest kernels there are. The images must live until the way back, unless this frees them: a CPU
 * only needs their shape.
 */
export function pool(
  images: Handle,
  window: PoolWindow,
  back: boolean,
): { readonly output: Handle; readonly backward: (gradient: Handle) => Handle } {
  if (!back) return { output: maxPool(images, window), backward: () => images };
  if (tensorflowDevice() === 'gpu') {
    const output = maxPool(images, window);
    const kept = reshape(images, images.shape);
    return {
      output,
      backward(gradient) {
        const again = maxPool(kept, window);
        const before = maxPoolGrad(kept, again, gradient, window);
        free(kept, again);
        return before;
      },
    };
  }
  // The kernels read no more of it than its shape; the view keeps the memory until then.
  const kept = reshape(images, images.shape);
  if (hasOneDnnPooling(images.type)) {
    const { output, workspace } = maxPoolWithWorkspace(images, window);
    return {
      output,
      backward(gradient) {
        const before = maxPoolGradByWorkspace(kept, workspace, gradient, window);
        free(kept, workspace);
        return before;
      },
    };
  }
  const { output, places } = maxPoolWithPlaces(images, window);
  return {
    output,
    backward(gradient) {
      const before = maxPoolGradAt(kept, places, gradient, window);
      free(kept, places);
      return before;
    },
  };
}

export function maxPooling(name: string, window: PoolWindow): Operation {
  return {
    ...fixed,
    name,
    forward([images], _pass, back) {
      if (images === undefined) throw new Error(`${name} reads one tensor`);
      const { output, backward } = pool(images, window, back);
      return { output, backward: (gradient) => [backward(gradient)] };
    },
  };
}

export function averagePooling(name: string, window: PoolWindow): Operation {
  return {
    ...fixed,
    name,
    forward([images]) {
      if (images === undefined) throw new Error(`${name} reads one tensor`);
      return {
        output: averagePool(images, window),
        backward: (gradient) => [averagePoolGrad(images.shape, gradient, window)],
      };
    },
  };
}

/** `[batch, height, width, channels]` to `[batch, channels]`, the mean of each channel. */
export function globalAveragePooling(name: string): Operation {
  return {
    ...fixed,
    name,
    forward([images]) {
      if (images === undefined) throw new Error(`${name} reads one tensor`);
      return {
        output: mean(images, [1, 2]),
        backward(gradient) {
          const [batch = 0, height = 0, width = 0, channels = 0] = images.shape;
          const part = scalar(1 / (height * width));
          const shared = mul(gradient, part);
          const square = reshape(shared, [batch, 1, 1, channels]);
          const spread = broadcastTo(square, images.shape);
          free(part, shared, square);
          return [spread];
        },
      };
    },
  };
}
