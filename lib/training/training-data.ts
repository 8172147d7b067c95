import { Failure } from '../../contracts/failures';
import { channelsOf } from '../../contracts/channels';
import type { LoadedSplit, PreparedSet } from '../data/prepared-set';
import type { NetworkShape } from '../model/shape';

/** What a network for a prepared set reads and answers. */
export function shapeOf({ index }: PreparedSet): NetworkShape {
  const { size } = index.preprocessing;
  const channels = channelsOf(index.preprocessing);
  return { height: size, width: size, channels, classes: index.classes.length };
}

/**
 * A split's pictures, in memory.
 *
 * @param onShard - Hears of every shard that was read; what it throws ends the reading.
 * @throws Failure `dataset-invalid` where the split has no pictures.
 */
export async function loadSplit(
  prepared: PreparedSet,
  split: 'train' | 'validation',
  onShard?: () => void,
): Promise<LoadedSplit> {
  if (prepared.count(split) === 0) {
    throw new Failure(
      'dataset-invalid',
      `The prepared set has no pictures for ${split}, so nothing can be ` +
        `${split === 'train' ? 'learnt' : 'chosen'}. Give more pictures, or another split.`,
    );
  }
  return prepared.load(split, onShard);
}
