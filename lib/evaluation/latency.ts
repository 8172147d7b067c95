import { performance } from 'node:perf_hooks';
import type { Evaluation } from '../../contracts/schemas/evaluation';
import type { Classifier } from '../inference/classifier';
import { quantile } from './metrics/quantile';

const warmUps = 5;
const mostAnswers = 100;
const leastAnswers = 5;
/** Milliseconds after which the answers that there are must do. */
const patience = 3000;

/**
 * How long one picture takes, asked for alone, in milliseconds: the model's part of an answer, without decoding. What else
 * the machine did meanwhile is in it, so that figures of two models compare only where they were measured side by side.
 *
 * @param images - uint8 `[count, height, width, channels]`
 * @throws the signal's reason
 */
export async function measureLatency(
  classifier: Classifier,
  images: Uint8Array,
  count: number,
  signal: AbortSignal | undefined,
): Promise<Evaluation['latencyMs']> {
  if (count === 0) return null;
  const record = images.length / count;
  const times: number[] = [];
  const started = performance.now();
  for (let asked = 0; asked < warmUps + mostAnswers; asked += 1) {
    signal?.throwIfAborted();
    const from = (asked % count) * record;
    const before = performance.now();
    await classifier.classify(images.subarray(from, from + record), 1);
    if (asked >= warmUps) times.push(performance.now() - before);
    if (times.length >= leastAnswers && performance.now() - started > patience) break;
  }
  return { median: rounded(quantile(times, 0.5)), p95: rounded(quantile(times, 0.95)) };
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
