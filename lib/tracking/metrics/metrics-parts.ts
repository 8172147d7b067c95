import type { MetricsLine } from '../../../contracts/schemas/metrics';
import type { Store } from '../../storage/store';
import type { Sink, Told } from '../sink';
import { decodePart, encodeMetrics, encodePart, mergeLines, partKey, type MetricsPart } from './part';
import { joinedKey, listParts, readMetrics } from './read-metrics';

/**
 * A run's metrics in numbered parts, and joined at its end.
 *
 * @param resumedFrom - The step of the checkpoint that the run goes on from, 0 for none: parts of later steps are of
 *   a training that was killed, and are removed, as their steps are done again.
 */
export async function openMetricsParts(store: Store, run: string, resumedFrom: number): Promise<Sink> {
  let newest: MetricsPart = { from: resumedFrom, to: resumedFrom, lines: [] };
  for (const step of await listParts(store, run)) {
    const key = partKey(run, step);
    if (step > resumedFrom) await store.remove(key);
    else if (step === resumedFrom) newest = decodePart(await store.read(key), key);
  }
  return {
    async flush({ step, lines }: Told) {
      newest =
        step === newest.to
          ? { ...newest, lines: mergeLines([...newest.lines, ...lines]) }
          : { from: newest.to, to: step, lines };
      if (newest.lines.length > 0) await store.write(partKey(run, step), encodePart(newest));
    },
    async finish() {
      const lines: readonly MetricsLine[] = await readMetrics(store, run);
      await store.write(joinedKey(run), encodeMetrics(lines));
    },
  };
}
