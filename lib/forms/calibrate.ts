import { openObserved } from '../inference/observe';
import { dataTypes, encodeModel, type Graph } from '../model/onnx/schema';

/** Least and greatest value, 0 being between them. */
export interface Range {
  readonly low: number;
  readonly high: number;
}

/** Pictures at once: every value of the network is held for each. */
const batch = 4;

export interface Calibration {
  readonly graph: Graph;
  /** Of the graph: what to watch. */
  readonly names: readonly string[];
  /** `[count, height, width, channels]`: of the training split. */
  readonly images: Uint8Array;
  readonly count: number;
  /** Hears how many more have been seen. */
  readonly onPictures?: (count: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * What each value of a graph ranges over on real pictures: the mean over batches of the least and the greatest, so that one
 * odd picture doesn't coarsen all others (Krishnamoorthi 2018, https://arxiv.org/abs/1806.08342, averages them alike).
 */
export async function rangesOf({
  graph,
  names,
  images,
  count,
  onPictures,
  signal,
}: Calibration): Promise<ReadonlyMap<string, Range>> {
  const watched = names.map((name) => ({ name, type: { tensor_type: { elem_type: dataTypes.float } } }));
  const session = await openObserved(encodeModel({ ...graph, output: watched }));
  const sums = new Map<string, Range>();
  const size = images.length / count;
  let batches = 0;
  try {
    for (let from = 0; from < count; from += batch) {
      signal?.throwIfAborted();
      const many = Math.min(batch, count - from);
      const values = await session.observe(images.subarray(from * size, (from + many) * size), many);
      for (const [name, numbers] of values) {
        let low = 0;
        let high = 0;
        for (const value of numbers) {
          if (value < low) low = value;
          else if (value > high) high = value;
        }
        const before = sums.get(name) ?? { low: 0, high: 0 };
        sums.set(name, { low: before.low + low, high: before.high + high });
      }
      batches += 1;
      onPictures?.(many);
    }
  } finally {
    await session.dispose();
  }
  return new Map(
    [...sums].map(([name, { low, high }]) => [name, { low: low / batches, high: high / batches }]),
  );
}
