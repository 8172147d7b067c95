import {
  driftCheckIds,
  pictureStatistics,
  type DriftCheck,
  type DriftCheckId,
  type DriftSettings,
} from '../../contracts/schemas/drift';
import { groupOf } from './check';
import { labelledOf } from './feedback-checks';
import type { Observations } from './observations';
import { knownOf } from './value-checks';

/** A check, and why it can't be done where it can't. */
export interface Planned {
  readonly id: DriftCheckId;
  /** Whether it may say drift. */
  readonly isJudged: boolean;
  readonly lacking: Pick<DriftCheck, 'counts' | 'needed' | 'why'> | undefined;
}

/** What is compared, and what can't be for want of pictures: their numbers alone decide, so that p values keep their meaning. */
export function planChecks(
  reference: Observations,
  window: Observations,
  settings: DriftSettings,
): Planned[] {
  const of = (countOf: (observed: Observations) => number) => ({
    reference: countOf(reference),
    window: countOf(window),
  });
  const lackingOf = (counts: DriftCheck['counts'], needed: number, those: string): Planned['lacking'] => {
    if (Math.min(counts.reference, counts.window) >= needed) return undefined;
    return { counts, needed, why: tooFew(counts, needed, those) };
  };
  return driftCheckIds
    .filter((id) => settings.checks.includes(groupOf(id)))
    .map((id): Planned => {
      if (id === 'accuracy' || id === 'calibration') {
        const labelled = of((observed) => labelledOf(observed).length);
        const isJudged = settings.feedback === 'judged';
        return {
          id,
          isJudged,
          lacking: lackingOf(labelled, settings.least_labelled, ' whose class is known'),
        };
      }
      const statistic = pictureStatistics.find((name) => name === id);
      if (statistic === undefined) return { id, isJudged: true, lacking: undefined };
      const known = of((observed) => knownOf(observed, statistic).length);
      return {
        id,
        isJudged: true,
        lacking: lackingOf(known, settings.least, ` whose ${statistic} is known`),
      };
    });
}

/** Why nothing is said, in a sentence. */
export function tooFew({ reference, window }: DriftCheck['counts'], needed: number, those = ''): string {
  const side = window < needed ? `The window has ${window}` : `The reference has ${reference}`;
  return `${side} ${(window < needed ? window : reference) === 1 ? 'picture' : 'pictures'}${those}; ${needed} are needed.`;
}

/** The part of the false alarms that each check may have: each group the same, shared out among its checks. */
export function weightsOf(ids: readonly DriftCheckId[]): ReadonlyMap<DriftCheckId, number> {
  const groups = new Set(ids.map(groupOf)).size;
  const ofGroup = (id: DriftCheckId): number => ids.filter((other) => groupOf(other) === groupOf(id)).length;
  return new Map(ids.map((id) => [id, 1 / groups / ofGroup(id)]));
}

/** With fewer permutations than this, the least p that there can be might be above its threshold. */
export function enoughPermutations(
  { permutations, false_alarm: level }: DriftSettings,
  weights: ReadonlyMap<DriftCheckId, number>,
): number {
  const byPermutation = ['mmd', 'domain-classifier', 'calibration'] as const;
  const least = Math.min(...byPermutation.map((id) => weights.get(id) ?? 1));
  return Math.max(permutations, Math.ceil(2 / (level * least)) - 1);
}
