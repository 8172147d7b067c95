import { free, type Handle } from '../../../tensorflow/handles';
import {
  activate,
  activateGrad,
  biasAdd,
  biasAddGrad,
  type Activation,
} from '../../../tensorflow/operations/activation';
import { mul, reshape } from '../../../tensorflow/operations/arithmetic';
import {
  conv2d,
  conv2dGradImages,
  conv2dGradKernel,
  conv2dWithBias,
  depthwiseConv2d,
  depthwiseConv2dGradImages,
  depthwiseConv2dGradKernel,
  hasOneDnnBias,
  type Window,
} from '../../../tensorflow/operations/convolution';
import type { PoolWindow } from '../../../tensorflow/operations/pooling';
import type { ComputeType, Forward, Operation } from '../operation';
import type { Parameter } from '../parameter';
import { lowered, raised } from '../precision';
import { foldedNorm, plainBias, type Affine, type NormParameters } from './affine';
import { pool } from './pooling';

export interface Convolution {
  readonly name: string;
  readonly kind: 'conv2d' | 'depthwise';
  readonly kernel: Parameter;
  readonly window: Window;
  readonly bias: Parameter | undefined;
  /** A batch norm by moving statistics, right after the convolution. */
  readonly norm: NormParameters | undefined;
  readonly activation: Activation;
  /** A max pooling, after the activation. */
  readonly pool: PoolWindow | undefined;
  readonly type: ComputeType;
}

const kernels = {
  conv2d: { forward: conv2d, gradKernel: conv2dGradKernel, gradImages: conv2dGradImages },
  depthwise: {
    forward: depthwiseConv2d,
    gradKernel: depthwiseConv2dGradKernel,
    gradImages: depthwiseConv2dGradImages,
  },
} as const;

/**
 * A convolution with what follows it in one operation.
 *
 * Three rearrangements save passes over the largest tensors there are; none changes what comes out:
 * - The convolution itself adds the bias, where oneDNN is there.
 * - A pooling comes before bias and activation, which then have a quarter of the numbers to go through: both are
 *   monotonic and the same within a channel, so the largest value stays the largest.
 * - A batch norm by moving statistics is a scale and an offset a channel, so the kernel is scaled instead of the picture
 *   (`affine.ts`).
 */
export function convolution(made: Convolution): Operation {
  const { name, kernel, window, activation, type } = made;
  const native = kernels[made.kind];
  const addsBias = made.kind === 'conv2d';
  const affine: Affine = made.norm ? foldedNorm(made.norm, made.bias) : plainBias(made.bias);
  const learnsKernel = kernel.variable !== undefined;
  const poolsLow = made.pool !== undefined && isApart(made.pool);

  /** The kernel as it is applied. */
  const applied = (scale: Handle | undefined): Handle =>
    kernel.use((value) => {
      if (scale === undefined) return reshape(value, kernel.shape);
      return mul(value, scale);
    });

  return {
    name,
    variables: [kernel.variable, ...affine.variables].filter((variable) => variable !== undefined),
    statistics: [],
    forward([images], pass, back): Forward {
      if (images === undefined) throw new Error(`${name} reads one tensor`);
      const { scale, offset } = affine.read(kernel.shape);
      const weights = applied(scale);
      const low = { images: lowered(images, type), weights: lowered(weights, type) };
      if (low.weights.value !== weights) free(weights);

      const biased = offset !== undefined && addsBias && type === 'float32' && hasOneDnnBias();
      let value = biased
        ? conv2dWithBias(images, low.weights.value, offset, window)
        : native.forward(low.images.value, low.weights.value, window);
      if (!poolsLow) value = raised(value);
      const pooled = made.pool ? pool(value, made.pool, back) : undefined;
      if (pooled) value = replaced(value, pooled.output);
      value = raised(value);
      if (offset && !biased) value = replaced(value, biasAdd(value, offset));
      if (activation !== 'linear') value = replaced(value, activate(value, activation));
      free(offset);
      const output = value;
      if (!back) {
        low.images.drop();
        free(low.weights.value, scale);
        return { output };
      }

      return {
        output,
        backward(gradient, [wanted]) {
          let flow = activateGrad(gradient, output, activation);
          const offsetGradient = affine.variables.length > 0 ? biasAddGrad(flow) : undefined;
          const become = (next: Handle): void => {
            if (flow !== gradient && flow !== next) free(flow);
            flow = next;
          };
          if (poolsLow) become(lowered(flow, type).value);
          if (pooled) become(pooled.backward(flow));
          become(lowered(flow, type).value);
          const needsKernel = learnsKernel || affine.needsKernelGradient;
          const kernelGradient = needsKernel
            ? raised(native.gradKernel(low.images.value, kernel.shape, flow, window))
            : undefined;
          low.images.drop();
          const imagesGradient =
            wanted === true
              ? raised(native.gradImages(images.shape, low.weights.value, flow, window))
              : undefined;
          free(low.weights.value);
          if (flow !== gradient) free(flow);
          affine.learn({ kernel, kernelGradient, offsetGradient, scale }, pass);
          if (kernel.variable && kernelGradient) {
            pass.learn(
              kernel.variable,
              scale ? mul(kernelGradient, scale) : reshape(kernelGradient, kernel.shape),
            );
          }
          free(kernelGradient, offsetGradient, scale);
          return [imagesGradient];
        },
      };
    },
    dispose() {
      kernel.dispose();
      affine.dispose();
    },
  };
}

/** No value is in two windows, so that pooling adds nothing up: it gives the same in any precision. */
function isApart({ size, strides }: PoolWindow): boolean {
  return size[0] <= strides[0] && size[1] <= strides[1];
}

function replaced(value: Handle, by: Handle): Handle {
  free(value);
  return by;
}
