import type { PreparedRef } from '../../contracts/refs';
import { preparedIndexSchema, type SplitName } from '../../contracts/schemas/documents';
import { createRandom } from '../../lib/random';
import { putJson, putRef, sha256 } from '../../lib/storage/refs';
import type { Store } from '../../lib/storage/store';

interface Options {
  readonly size?: number;
  readonly color?: 'rgb' | 'grey';
  readonly perSplit?: Partial<Record<SplitName, number>>;
  /** Pictures a shard; without it, one shard holds them all. */
  readonly shardSize?: number;
}

/**
 * Writes a small prepared set of three classes: a bright bar that lies, stands, or is a square, somewhere
 * on a noisy ground.
 */
export async function putBars(store: Store, options: Options = {}): Promise<PreparedRef> {
  const { size = 12, color = 'rgb', perSplit = { train: 32, validation: 16 } } = options;
  const channels = color === 'rgb' ? 3 : 1;
  const random = createRandom('bars');
  const splits = (['train', 'validation', 'test'] as const).flatMap((split) =>
    Array<SplitName>(perSplit[split] ?? 0).fill(split),
  );
  const labels = splits.map((_, picture) => picture % 3);
  const bars = [
    { width: 6, height: 2 },
    { width: 2, height: 6 },
    { width: 4, height: 4 },
  ];
  const pictures = labels.map((label) => {
    const { width, height } = bars[label] ?? { width: 1, height: 1 };
    const [left, top] = [random.int(size - width), random.int(size - height)];
    return Uint8Array.from({ length: size * size * channels }, (_, at) => {
      const x = Math.floor(at / channels) % size;
      const y = Math.floor(at / channels / size);
      const inside = x >= left && x < left + width && y >= top && y < top + height;
      return (inside ? 180 : 20) + random.int(50);
    });
  });
  const { shardSize = pictures.length } = options;
  const shards = [];
  for (let first = 0; first < pictures.length; first += shardSize) {
    const held = pictures.slice(first, first + shardSize);
    const key = `prepared/bars/shard-${String(first).padStart(5, '0')}.bin`;
    shards.push({ ref: await putRef<'shard'>(store, key, Buffer.concat(held)), count: held.length });
  }
  const index = preparedIndexSchema.parse({
    dataset: {
      name: 'bars',
      manifest: { uri: 'store://datasets/bars/manifest.jsonl', sha256: '0'.repeat(64) },
    },
    preprocessing: { size, color, fit: 'contain' },
    classes: ['lies', 'square', 'stands'],
    shards,
    pictures: pictures.map((picture) => sha256(picture)),
    labels,
    splits,
    normalisation: { mean: Array(channels).fill(70), std: Array(channels).fill(60) },
    rejected: [],
  });
  return putJson<'prepared'>(store, 'prepared/bars/index.json', index);
}
