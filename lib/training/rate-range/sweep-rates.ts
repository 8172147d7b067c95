import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RateRange, RehearsalJob } from '../../../contracts/schemas/rehearsal';
import { fullBatches } from '../rehearsal/full-batches';
import type { Rehearsed } from '../rehearsal/rehearsed';
import { growingRates } from './rates';
import { createSmoothing } from './smoothing';

/** A smoothed loss of so many times the best ends the sweep. */
const divergedAt = 4;

/**
 * Learns with a rate that grows from step to step, until the last or until the loss has left all bounds. The same
 * configuration, seed and threads give the same points.
 */
export async function sweepRates(
  { config, phase, learner, subject, onProgress }: Rehearsed,
  { from, to, steps }: Pick<Extract<RehearsalJob, { kind: 'rate-range' }>, 'from' | 'to' | 'steps'>,
): Promise<RateRange> {
  const rates = growingRates(from, to, steps);
  const batches = fullBatches(phase, config);
  const smooth = createSmoothing();
  const points: RateRange['points'] = [];
  let best = Infinity;
  for (const [at, rate] of rates.entries()) {
    const batch = batches.next().value;
    const computed = learner.compute(batch, at + 1);
    learner.apply(computed, { step: at + 1, rate });
    const loss = computed.figures.loss / batch.count;
    if (!Number.isFinite(loss)) return { kind: 'rate-range', subject, points, ended: 'not-a-number' };
    const smoothed = smooth(loss);
    points.push({ rate, loss, smoothed });
    best = Math.min(best, smoothed);
    onProgress(at + 1, steps);
    if (smoothed > divergedAt * best) return { kind: 'rate-range', subject, points, ended: 'diverged' };
    await nextTurn();
  }
  return { kind: 'rate-range', subject, points, ended: 'complete' };
}
