import type { FiguresSummary, TrafficFigures } from '../../contracts/schemas/deployment';

type Histogram = TrafficFigures['latency'];

/** In milliseconds: 1, 1.25, 1.6 … to 100,000, ten a decade. */
const bounds = Array.from({ length: 51 }, (_, at) => Number((10 ** (at / 10)).toPrecision(3)));

export function emptyFigures(): TrafficFigures {
  return { requests: 0, errors: 0, latency: { bounds, counts: Array.from({ length: 52 }, () => 0) } };
}

/** @param requests - those that have just been answered, or not. */
export function withRequests(
  before: TrafficFigures,
  requests: readonly { readonly failed: boolean; readonly milliseconds: number }[],
): TrafficFigures {
  const counts = [...before.latency.counts];
  for (const { milliseconds } of requests) {
    const found = before.latency.bounds.findIndex((bound) => milliseconds <= bound);
    const at = found < 0 ? before.latency.bounds.length : found;
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return {
    requests: before.requests + requests.length,
    errors: before.errors + requests.filter(({ failed }) => failed).length,
    latency: { bounds: before.latency.bounds, counts },
  };
}

function total({ counts }: Histogram): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/**
 * A quantile of a histogram, straight within its bucket; above the last bound it is that bound.
 *
 * @param share - in (0, 1]
 * @returns milliseconds; null where nothing was counted
 */
export function latencyQuantile(latency: Histogram, share: number): number | null {
  const wanted = share * total(latency);
  if (wanted === 0) return null;
  let below = 0;
  for (const [at, count] of latency.counts.entries()) {
    if (below + count >= wanted && count > 0) {
      const low = at === 0 ? 0 : (latency.bounds[at - 1] ?? 0);
      const high = latency.bounds[at] ?? low;
      return low + ((high - low) * (wanted - below)) / count;
    }
    below += count;
  }
  return latency.bounds.at(-1) ?? null;
}

/** How many took longer than `milliseconds`, straight within that bucket, and rounded. */
export function slowerThan(latency: Histogram, milliseconds: number): number {
  let slower = 0;
  for (const [at, count] of latency.counts.entries()) {
    const low = at === 0 ? 0 : (latency.bounds[at - 1] ?? 0);
    const high = latency.bounds[at] ?? Number.POSITIVE_INFINITY;
    if (low >= milliseconds) slower += count;
    else if (high > milliseconds && Number.isFinite(high)) {
      slower += (count * (high - milliseconds)) / (high - low);
    } else if (high > milliseconds) slower += count;
  }
  return Math.round(slower);
}

export function summaryOf({ requests, errors, latency }: TrafficFigures): FiguresSummary {
  const rounded = (share: number): number | null => {
    const value = latencyQuantile(latency, share);
    return value === null ? null : Number(value.toPrecision(3));
  };
  return { requests, errors, p50Ms: rounded(0.5), p95Ms: rounded(0.95) };
}
