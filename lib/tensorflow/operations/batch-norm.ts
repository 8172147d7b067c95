import { attributes, execute, executeOne, free, type Handle } from '../handles';

export interface BatchNormSettings {
  readonly epsilon: number;
  /** The share that a batch has in the moving statistics, 1 − momentum; 1 leaves them to the caller. */
  readonly share: number;
}

export interface BatchNormInput {
  readonly images: Handle;
  readonly scale: Handle;
  readonly offset: Handle;
  readonly mean: Handle;
  readonly variance: Handle;
}

function settingsOf(epsilon: number, training: boolean) {
  return [
    attributes.type('T', 'float32'),
    attributes.type('U', 'float32'),
    attributes.float('epsilon', epsilon),
    attributes.text('data_format', 'NHWC'),
    attributes.bool('is_training', training),
  ];
}

export interface BatchNormResult {
  readonly output: Handle;
  /** The statistics after this batch; undefined where they stay. */
  readonly moving?: { readonly mean: Handle; readonly variance: Handle };
  readonly reserve: BatchNormReserve;
}

/** What {@link batchNormGrad} needs of the way forward. */
export interface BatchNormReserve {
  readonly mean: Handle;
  readonly variance: Handle;
  readonly more: Handle;
}

/**
 * Ioffe and Szegedy, "Batch Normalization" (2015), by the statistics of the batch.
 *
 * @returns also the moving statistics after this batch; its variance is that of a sample (divided by n − 1), as in
 *   PyTorch.
 */
export function batchNormTraining(
  { images, scale, offset, mean, variance }: BatchNormInput,
  { epsilon, share }: BatchNormSettings,
): BatchNormResult {
  const [output, nextMean, nextVariance, ...reserve] = execute(
    'FusedBatchNormV3',
    [...settingsOf(epsilon, true), attributes.float('exponential_avg_factor', share)],
    [images, scale, offset, mean, variance],
    6,
  );
  const [ofMean, ofVariance, more] = reserve;
  if (!output || !nextMean || !nextVariance || !ofMean || !ofVariance || !more) {
    throw new Error('FusedBatchNormV3 has six outputs');
  }
  return {
    output,
    moving: { mean: nextMean, variance: nextVariance },
    reserve: { mean: ofMean, variance: ofVariance, more },
  };
}

/** By the moving statistics. */
export function batchNormInference(
  { images, scale, offset, mean, variance }: BatchNormInput,
  epsilon: number,
): BatchNormResult {
  const [output, nextMean, nextVariance, ofMean, ofVariance, more] = execute(
    'FusedBatchNormV3',
    [...settingsOf(epsilon, false), attributes.float('exponential_avg_factor', 1)],
    [images, scale, offset, mean, variance],
    6,
  );
  free(nextMean, nextVariance, ofMean, ofVariance);
  if (!output || !more) throw new Error('FusedBatchNormV3 has six outputs');
  // What it gives back as its statistics is not written on every CPU: the way back needs those that it was given.
  return { output, reserve: { mean: same(mean), variance: same(variance), more } };
}

/** Another handle to the same numbers. */
function same(handle: Handle): Handle {
  return executeOne('Identity', [attributes.type('T', 'float32')], [handle]);
}

/** @returns the gradients of the images, the scale and the offset. */
export function batchNormGrad(
  gradient: Handle,
  images: Handle,
  scale: Handle,
  reserve: BatchNormReserve,
  settings: { readonly epsilon: number; readonly training: boolean },
): { images: Handle; scale: Handle; offset: Handle } {
  const [ofImages, ofScale, ofOffset] = execute(
    'FusedBatchNormGradV3',
    settingsOf(settings.epsilon, settings.training),
    [gradient, images, scale, reserve.mean, reserve.variance, reserve.more],
    5,
  );
  if (!ofImages || !ofScale || !ofOffset) throw new Error('FusedBatchNormGradV3 has five outputs');
  return { images: ofImages, scale: ofScale, offset: ofOffset };
}
