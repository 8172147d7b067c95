import type { RunConfig } from '../../../contracts/schemas/run';
import { trainingBatches, type Batch } from '../batches';
import type { Phase } from '../phases';

/**
 * The batches that a run would learn from, epoch after epoch, without end; but for an epoch's smaller last one, which
 * would be compared with the others.
 */
export function* fullBatches(
  { train, augmentation }: Pick<Phase, 'train' | 'augmentation'>,
  { batch_size: batchSize, seed }: Pick<RunConfig, 'batch_size' | 'seed'>,
): Generator<Batch, never, void> {
  if (train.count === 0) throw new RangeError('batches are made of pictures');
  const full = Math.min(batchSize, train.count);
  for (let epoch = 1; ; epoch += 1) {
    for (const batch of trainingBatches(train, { batchSize, augmentation, seed, epoch })) {
      if (batch.count === full) yield batch;
    }
  }
}
