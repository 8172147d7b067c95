import { free, type Handle } from '../../../tensorflow/handles';
import { mul, reshape, sub, sum } from '../../../tensorflow/operations/arithmetic';
import type { Variable } from '../../../tensorflow/variables';
import type { Pass } from '../operation';
import { constantParameter, type Parameter } from '../parameter';

/** What happens to each channel after a convolution: a scale, which goes into the kernel, and an offset. */
export interface Affine {
  readonly variables: readonly Variable[];
  /** Whether `learn` needs the kernel's gradient, also where the kernel itself is fixed. */
  readonly needsKernelGradient: boolean;
  /** @returns handles for the caller to free. */
  read(kernelShape: readonly number[]): { scale: Handle | undefined; offset: Handle | undefined };
  learn(
    found: {
      readonly kernel: Parameter;
      /** Of the kernel as applied. */
      readonly kernelGradient: Handle | undefined;
      readonly offsetGradient: Handle | undefined;
      readonly scale: Handle | undefined;
    },
    pass: Pass,
  ): void;
  dispose(): void;
}

/** A batch norm's weights, with its moving statistics as plain numbers: they stay as they are. */
export interface NormParameters {
  readonly gamma: Parameter;
  readonly beta: Parameter;
  readonly mean: Float32Array;
  readonly variance: Float32Array;
  readonly epsilon: number;
}

export function plainBias(bias: Parameter | undefined): Affine {
  return {
    variables: bias?.variable ? [bias.variable] : [],
    needsKernelGradient: false,
    read: () => ({ scale: undefined, offset: bias?.use((value) => reshape(value, bias.shape)) }),
    learn({ offsetGradient }, pass) {
      if (bias?.variable && offsetGradient) pass.learn(bias.variable, reshape(offsetGradient, bias.shape));
    },
    dispose: () => bias?.dispose(),
  };
}

/**
 * Batch norm with fixed statistics after a convolution: y = s · (w ∗ x) + β − s · m, with s = γ / √(v + ε), is the
 * convolution with the kernel s · w and an offset. From the gradient G of that kernel, s has Σ w · G a channel; so γ and β
 * learn without a pass over the pictures.
 *
 * @param bias - Of the convolution; it shifts the mean. Not learnt: β does what it would.
 */
export function foldedNorm(norm: NormParameters, bias: Parameter | undefined): Affine {
  const { gamma, beta, epsilon } = norm;
  const channels = gamma.shape;
  const inverse = constantParameter(
    `${gamma.name}/inverse_deviation`,
    norm.variance.map((value) => 1 / Math.sqrt(value + epsilon)),
    channels,
  );
  const shift = bias?.use((value) => value);
  const mean = constantParameter(`${gamma.name}/mean`, norm.mean, channels);
  const centre = (): Handle => mean.use((value) => (shift ? sub(value, shift) : reshape(value, channels)));

  return {
    variables: [gamma.variable, beta.variable].filter((variable) => variable !== undefined),
    needsKernelGradient: gamma.variable !== undefined,
    read(kernelShape) {
      const scale = gamma.use((value) => inverse.use((by) => mul(value, by)));
      const middle = centre();
      const moved = mul(middle, scale);
      const offset = beta.use((value) => sub(value, moved));
      free(middle, moved);
      const shaped = reshape(scale, scaleShape(kernelShape, channels[0] ?? 0));
      free(scale);
      return { scale: shaped, offset };
    },
    learn({ kernel, kernelGradient, offsetGradient }, pass) {
      if (offsetGradient === undefined) return;
      if (gamma.variable && kernelGradient) {
        const product = kernel.use((value) => mul(value, kernelGradient));
        const flat = reshape(product, [-1, channels[0] ?? 0]);
        const ofScale = sum(flat, [0]);
        const middle = centre();
        const ofMean = mul(middle, offsetGradient);
        const difference = sub(ofScale, ofMean);
        pass.learn(
          gamma.variable,
          inverse.use((by) => mul(difference, by)),
        );
        free(product, flat, ofScale, middle, ofMean, difference);
      }
      if (beta.variable) pass.learn(beta.variable, reshape(offsetGradient, channels));
    },
    dispose() {
      for (const parameter of [gamma, beta, inverse, mean, bias]) parameter?.dispose();
    },
  };
}

/** As it multiplies a kernel: the last dimension, or a depthwise kernel's last two, are the channels. */
function scaleShape(kernelShape: readonly number[], channels: number): number[] {
  const [inputs, last] = kernelShape.slice(-2);
  if (last === channels) return [channels];
  return [inputs ?? 0, last ?? 0];
}
