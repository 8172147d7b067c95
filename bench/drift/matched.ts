import { wilsonInterval } from '../../lib/evaluation/metrics/wilson';

/**
 * The score below which 2 % of the windows without drift lie, and no more: an alarm is a score that is less.
 *
 * @param scores - Of windows without drift; small means drift.
 */
export function thresholdOf(scores: readonly number[], nominal = 0.02): number {
  const sorted = [...scores].sort((one, other) => one - other);
  return sorted[Math.floor(nominal * sorted.length)] ?? -Infinity;
}

export function alarmsOf(scores: readonly number[], threshold: number): number {
  return scores.filter((score) => score < threshold).length;
}

/** A share with its 95 % interval. */
export function shareText(found: number, of: number): string {
  const [low, high] = wilsonInterval(found, of);
  return `${((100 * found) / of).toFixed(0)} (${(100 * low).toFixed(0)}–${(100 * high).toFixed(0)})`;
}
