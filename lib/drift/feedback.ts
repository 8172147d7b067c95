import type { Interval } from '../../contracts/schemas/evaluation';
import { wilsonInterval } from '../evaluation/metrics/wilson';
import type { Random } from '../random';
import { logChoose } from './log-choose';
import { drawFirst, permutationP, rounding } from './permutations';
import { createTurns } from './turns';

export interface Rights {
  readonly right: number;
  readonly of: number;
}

/**
 * Fisher's exact test, one-sided: the chance that the window has as few right answers or fewer, where both samples have the same share of them
 * (R. A. Fisher, "The logic of inductive inference", Journal of the Royal Statistical Society 98, 1935).
 */
export function fewerRightP(reference: Rights, window: Rights): number {
  const right = reference.right + window.right;
  const all = reference.of + window.of;
  const least = Math.max(0, right - reference.of);
  let p = 0;
  for (let x = least; x <= window.right; x += 1) {
    p += Math.exp(logChoose(window.of, x) + logChoose(reference.of, right - x) - logChoose(all, right));
  }
  return Math.min(1, p);
}

/**
 * 95 % interval of the difference of two shares, window less reference: R. G. Newcombe, "Interval estimation for the difference between
 * independent proportions", Statistics in Medicine 17 (1998), method 10.
 */
export function differenceInterval(reference: Rights, window: Rights): Interval {
  const [before, now] = [reference.right / reference.of, window.right / window.of];
  const [low1, high1] = wilsonInterval(window.right, window.of);
  const [low2, high2] = wilsonInterval(reference.right, reference.of);
  const difference = now - before;
  return [
    difference - Math.hypot(now - low1, high2 - before),
    difference + Math.hypot(high1 - now, before - low2),
  ];
}

/** Of the labelled pictures of a sample: how sure each answer is, and whether it is right. */
export interface Sureness {
  readonly confidence: Float64Array;
  /** 1 or 0. */
  readonly right: Uint8Array;
}

/** As in `lib/evaluation/metrics/reliability.ts`: bins of equal width. */
export const calibrationBins = 15;

export interface CalibrationChange {
  /** Expected calibration error of the window less that of the reference. */
  readonly change: number;
  readonly reference: number;
  readonly window: number;
  readonly p: number;
}

/**
 * Whether the window's expected calibration error is larger than the reference's, by permuting who is of which. An ECE of few pictures is
 * too large by chance (Kumar, Liang and Ma, "Verified uncertainty calibration", NeurIPS 2019); permutations of the same sizes are so as well.
 *
 * @throws the signal's reason
 */
export async function calibrationChange(
  reference: Sureness,
  window: Sureness,
  {
    permutations,
    random,
    signal,
  }: { readonly permutations: number; readonly random: Random; readonly signal?: AbortSignal | undefined },
): Promise<CalibrationChange> {
  const turn = createTurns(signal);
  const confidence = Float64Array.from([...reference.confidence, ...window.confidence]);
  const right = Uint8Array.from([...reference.right, ...window.right]);
  const bin = Int32Array.from(confidence, (value) =>
    Math.min(calibrationBins - 1, Math.max(0, Math.ceil(value * calibrationBins) - 1)),
  );
  const gapsOf = (members: Int32Array): number => {
    const gaps = new Float64Array(calibrationBins);
    for (const member of members) {
      const at = bin[member] ?? 0;
      gaps[at] = (gaps[at] ?? 0) + (right[member] ?? 0) - (confidence[member] ?? 0);
    }
    return gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / members.length;
  };
  const many = window.right.length;
  const order = Int32Array.from(
    { length: right.length },
    (_, at) => (at + reference.right.length) % right.length,
  );
  const errors = () => ({ window: gapsOf(order.subarray(0, many)), reference: gapsOf(order.subarray(many)) });
  const observed = errors();
  const change = observed.window - observed.reference;
  let atLeast = 0;
  for (let permutation = 0; permutation < permutations; permutation += 1) {
    drawFirst(order, many, random);
    const drawn = errors();
    if (drawn.window - drawn.reference >= change - rounding) atLeast += 1;
    await turn();
  }
  return { change, ...observed, p: permutationP(atLeast, permutations) };
}
