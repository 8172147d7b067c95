import { closedLoop, type LoadResult, openLoop, quantile } from '../../lib/load/load';
import type { Service } from './service';

/** What one measurement of one side gives. */
export interface Measured {
  /** Answers with a prediction, a second. */
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Server's CPU seconds, per 1,000 requests. */
  readonly cpu: number;
  /** Answers without a prediction, and requests without one. */
  readonly bad: number;
}

export type Wanted =
  | { readonly connections: number; readonly seconds: number }
  | { readonly rate: number; readonly seconds: number };

/** Loads a service, and reads what it used meanwhile. */
export async function measure(
  service: Service,
  requests: readonly Buffer[],
  wanted: Wanted,
): Promise<Measured> {
  const before = service.cpu();
  const isGood = (status: number, body: Buffer) => status === 200 && body.includes('"prediction"');
  const load = { url: service.url, requests, seconds: wanted.seconds, isGood };
  const result: LoadResult =
    'rate' in wanted
      ? await openLoop({ ...load, rate: wanted.rate })
      : await closedLoop({ ...load, connections: wanted.connections });
  const used = service.cpu() - before;
  const all = result.latencies.length;
  const { good } = result;
  return {
    perSecond: good / result.seconds,
    p50: quantile(result.latencies, 0.5),
    p99: quantile(result.latencies, 0.99),
    cpu: (used / all) * 1000,
    bad: all - good + result.failed,
  };
}
