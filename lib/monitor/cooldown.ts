import type { MonitorCooldown } from '../../contracts/monitor';
import type { FollowUp } from '../../contracts/schemas/monitor';

/** One that was cancelled or failed is begun again by the next look. */
const settled: ReadonlySet<FollowUp['state']> = new Set(['started', 'rejected', 'expired']);

/**
 * Whether drift of a version has been answered not long ago, so that nothing follows it again yet.
 *
 * @param latest - the last follow-up of the model
 * @param of - `at`: now, ISO 8601; `lasts`: milliseconds, from when it was decided
 * @returns undefined where something may follow: nothing has, it is under way, it came to nothing, or it was of another version
 */
export function cooldownAfter(
  latest: FollowUp | undefined,
  { version, at, lasts }: { readonly version: number; readonly at: string; readonly lasts: number },
): MonitorCooldown | undefined {
  if (latest?.version !== version || !settled.has(latest.state)) return undefined;
  const { workflow, state, reason, answer, deadline, since } = latest;
  const end = Date.parse(answer?.at ?? deadline ?? since) + lasts;
  if (Date.parse(at) >= end) return undefined;
  return { workflow, state, reason, until: new Date(end).toISOString() };
}
