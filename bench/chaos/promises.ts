import type { Alias } from '../../contracts/schemas/registry';
import type { PromotionRecord } from '../../contracts/schemas/promotion';
import type { SweepRecord } from '../../contracts/schemas/sweep-record';

/** What must hold, whatever goes wrong; each is a line of the last table. */
export const promises = {
  ends: 'every workflow ends, and as it should',
  trials: 'no trial is lost, and none is done twice',
  registry: 'nothing is registered or promoted twice; aliases move by recorded decisions alone',
  store: 'the store is whole: digests match, no version is half written',
  answers: 'the API answers, or says why it does not',
  kept: 'every prediction that was answered is kept',
  recovers: 'whatever fails comes back by itself',
  orphans: 'no process is left over',
} as const;
export type PromiseName = keyof typeof promises;

/** What is not as it must be in a sweep that has ended; nothing where all is. */
export function judgeSweep(record: SweepRecord | undefined, sweep: string, trials: number): string[] {
  if (record === undefined) return [`${sweep} left no record`];
  const wrong: string[] = [];
  const numbers = record.trials.map(({ trial }) => trial).sort((a, b) => a - b);
  const expected = Array.from({ length: trials }, (_, index) => index + 1);
  if (numbers.join() !== expected.join()) {
    wrong.push(`${sweep} has the trials ${numbers.join(', ')}, and not 1 to ${trials}`);
  }
  for (const { trial, state, failure } of record.trials) {
    if (state !== 'finished' && state !== 'stopped') {
      wrong.push(`${sweep}: trial ${trial} ended as ${state}${failure === undefined ? '' : ` (${failure})`}`);
    }
  }
  if (record.ended === undefined) wrong.push(`${sweep} is recorded as still running`);
  return wrong;
}

export interface RegistryFacts {
  /** Of the model's versions that are there, in their order. */
  readonly runs: readonly string[];
  /** Numbers that were given; each must have its version when nothing runs. */
  readonly numbers: number;
  readonly champion: Alias | undefined;
  readonly promotions: readonly PromotionRecord[];
  /** Pipelines that have ended with a version, and rollbacks that have moved the champion. */
  readonly registered: ReadonlySet<number>;
  readonly rolledBack: number;
}

/** What is not as it must be in a registry while nothing runs. */
export function judgeRegistry(facts: RegistryFacts): string[] {
  const { runs, numbers, champion, promotions, registered, rolledBack } = facts;
  const wrong: string[] = [];
  if (new Set(runs).size !== runs.length) wrong.push('a run is registered twice');
  if (numbers !== runs.length) wrong.push(`${numbers} numbers were given, and ${runs.length} versions exist`);
  for (let version = 1; version <= runs.length; version += 1) {
    if (!registered.has(version)) wrong.push(`version ${version} is of no pipeline`);
  }
  for (const version of registered)
    if (version > runs.length) wrong.push(`version ${version} is told of, and not there`);
  const steps = champion?.history ?? [];
  const byPromotion = steps.filter(({ promotion }) => promotion !== undefined);
  for (const { id, state, dryRun } of promotions) {
    const moves = byPromotion.filter(({ promotion }) => promotion === id).length;
    const wanted = state === 'promoted' && !dryRun ? 1 : 0;
    if (moves !== wanted)
      wrong.push(`promotion ${id} (${state}) moved the champion ${moves} times, not ${wanted}`);
  }
  const unrecorded = byPromotion.filter(({ promotion }) => !promotions.some(({ id }) => id === promotion));
  for (const { promotion } of unrecorded) wrong.push(`the promotion ${promotion} has no record`);
  const others = steps.length - byPromotion.length;
  if (others !== rolledBack)
    wrong.push(`${others} moves by rolling back, where ${rolledBack} were asked for`);
  return wrong;
}

/** One request to the API. Times are milliseconds since the beginning. */
export interface Asked {
  readonly from: number;
  readonly to: number;
  /** Undefined where there was no answer. */
  readonly status: number | undefined;
  /** Whether it says why in the way that the API documents, and when to come again. */
  readonly explained: boolean;
}

export interface Window {
  readonly from: number;
  readonly to: number;
}

/** Requests that were answered as they must not be, with no window in which the API was taken away to excuse it. */
export function judgeAnswers(asked: readonly Asked[], away: readonly Window[]): string[] {
  return asked.flatMap(({ from, to, status, explained }) => {
    const at = `${(from / 1000).toFixed(1)} s`;
    if (status === undefined) {
      return away.some((window) => from < window.to && to > window.from)
        ? []
        : [`no answer at ${at}, while nothing had been done to the API`];
    }
    if (status === 200) return [];
    if ((status === 503 || status === 429) && explained) return [];
    return [`answered ${status} at ${at}${explained ? '' : ', without a reason'}`];
  });
}
