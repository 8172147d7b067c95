import { metricsLineSchema, type MetricsLine } from '../../../contracts/schemas/metrics';
import { decodeLines } from '../../storage/json-lines';
import type { Store } from '../../storage/store';
import { decodePart, lineKey, metricsFolder, partKey, partStep } from './part';

/** Parts that are read at once. */
const atOnce = 8;

export function joinedKey(run: string): string {
  return `runs/${run}/metrics.jsonl`;
}

/** The steps of the parts that there are, in order. */
export async function listParts(store: Store, run: string): Promise<number[]> {
  const steps: number[] = [];
  for await (const key of store.list(metricsFolder(run))) {
    const step = partStep(key);
    if (step !== undefined) steps.push(step);
  }
  return steps.sort((a, b) => a - b);
}

/**
 * Every figure of a run so far, in the order of its steps: the parts joined. A part that begins before an earlier one
 * ends was written by a training that went on from an older checkpoint, and counts in the earlier one's place.
 *
 * @returns nothing where the run has told nothing
 * @throws Error where a part is of another version of Drover; the store's failures; the signal's reason
 */
export async function readMetrics(store: Store, run: string, signal?: AbortSignal): Promise<MetricsLine[]> {
  const lines = new Map<string, MetricsLine>();
  const keys = (await listParts(store, run)).map((step) => partKey(run, step));
  for (let from = 0; from < keys.length; from += atOnce) {
    signal?.throwIfAborted();
    const reading = keys
      .slice(from, from + atOnce)
      .map(async (key) => decodePart(await store.read(key), key));
    for (const part of await Promise.all(reading)) {
      for (const [about, line] of lines) if (line.step > part.from) lines.delete(about);
      for (const line of part.lines) lines.set(lineKey(line), line);
    }
  }
  if (keys.length > 0) return [...lines.values()];
  const joined = await store.readVersioned(joinedKey(run));
  return joined === undefined ? [] : decodeLines(joined.bytes, metricsLineSchema, joinedKey(run));
}
