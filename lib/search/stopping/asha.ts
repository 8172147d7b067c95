import type { AshaSettings } from '../../../contracts/schemas/early-terminate';
import { lossOf, type Goal } from './curve';

/** The settings, with the highest rung known. */
export type AshaRule = Omit<AshaSettings, 'max_epochs'> & { readonly max_epochs: number };

/** A trial as ASHA sees it. */
export interface AshaTrial {
  readonly trial: number;
  /** The metric at each rung that it has reached, the lowest first. */
  readonly values: readonly number[];
  /** `paused`: at its newest rung, to go on from its checkpoint; `running`: on its way to the next one. */
  readonly state: 'running' | 'paused' | 'finished' | 'stopped' | 'failed';
}

/** What a free slot should do; `from` and `to` are epochs, `rung` is the one it trains to, from 0. */
export type AshaJob =
  | {
      readonly kind: 'promote';
      readonly trial: number;
      readonly rung: number;
      readonly from: number;
      readonly to: number;
    }
  | { readonly kind: 'start'; readonly rung: 0; readonly to: number };

/** Epochs of the rungs, ascending: `min_epochs` · `eta`^k (to the nearest, halves to even) below `max_epochs`, and that. */
export function ashaRungs({ min_epochs, max_epochs, eta }: AshaRule): readonly number[] {
  const rungs: number[] = [];
  for (let epochs = min_epochs; epochs < max_epochs; epochs = min_epochs * eta ** rungs.length) {
    rungs.push(halfToEven(epochs));
  }
  return [...rungs.filter((epochs) => epochs < max_epochs), max_epochs];
}

/**
 * ASHA in its promotion form: algorithm 2 of Li et al., "A System for Massively Parallel Hyperparameter Tuning", MLSys 2020.
 * The best trial that may be promoted, from the highest rung that has one; else a new trial at the lowest. Equally good
 * trials go by their number; one whose metric is no finite number is never promoted.
 *
 * With `mayStart` false, once nothing runs and no trial has reached the highest rung, the best trial of the highest
 * rung that has any goes on all the same, so that a sweep of few trials ends with one that is trained to its end.
 *
 * @param mayStart - Whether there may be a new trial: false at `run_cap`.
 * @returns undefined where there is nothing to do until a running trial ends; where none runs, nothing at all.
 */
export function nextAshaJob(
  rule: AshaRule,
  goal: Goal,
  trials: readonly AshaTrial[],
  mayStart = true,
): AshaJob | undefined {
  const rungs = ashaRungs(rule);
  const top = rungs.length - 1;
  for (let rung = top - 1; rung >= 0; rung -= 1) {
    const standing = standingAt(goal, trials, rung);
    const next = standing.slice(0, goingOn(rule, goal, standing, rungs, rung)).find(waits);
    if (next) return promotion(next, rungs, rung);
  }
  if (mayStart) return { kind: 'start', rung: 0, to: rungs[0] ?? rule.max_epochs };
  if (trials.some(({ state, values }) => state === 'running' || values.length > top)) return undefined;
  for (let rung = top - 1; rung >= 0; rung -= 1) {
    const next = standingAt(goal, trials, rung).find(waits);
    if (next) return promotion(next, rungs, rung);
  }
  return undefined;
}

/**
 * Why a trial waits where it does, for people: `epoch 3: number 4 of 9, of which the best 3 go on`.
 *
 * @returns undefined of a trial that doesn't wait, or would be promoted.
 */
export function whyNotPromoted(
  rule: AshaRule,
  goal: Goal,
  trials: readonly AshaTrial[],
  trial: number,
): string | undefined {
  const own = trials.find((one) => one.trial === trial);
  const rungs = ashaRungs(rule);
  if (own?.state !== 'paused' || own.values.length === 0 || own.values.length >= rungs.length)
    return undefined;
  const rung = own.values.length - 1;
  const standing = standingAt(goal, trials, rung);
  const at = standing.findIndex((one) => one.trial === trial);
  const epoch = `epoch ${rungs[rung]}`;
  if (standing[at]?.loss === Infinity) return `${epoch}: its metric is no finite number`;
  const going = goingOn(rule, goal, standing, rungs, rung);
  if (at < going) return undefined;
  const place = `number ${at + 1} of ${standing.length}`;
  const best =
    going === 0
      ? 'too few to promote one'
      : `of which the best ${going === 1 ? 'one goes' : `${going} go`} on`;
  return `${epoch}: ${place}, ${best}`;
}

interface Standing {
  readonly trial: number;
  readonly loss: number;
  /** Not yet promoted, and it could be. */
  readonly paused: boolean;
}

/** All that have reached a rung, promoted ones too, best first. */
function standingAt(goal: Goal, trials: readonly AshaTrial[], rung: number): readonly Standing[] {
  return trials
    .flatMap(({ trial, values, state }): Standing[] => {
      const value = values[rung];
      if (value === undefined) return [];
      return [{ trial, loss: lossOf(goal, value), paused: state === 'paused' && values.length === rung + 1 }];
    })
    .sort((a, b) => (a.loss < b.loss ? -1 : a.loss > b.loss ? 1 : a.trial - b.trial));
}

function waits({ paused, loss }: Standing): boolean {
  return paused && loss !== Infinity;
}

/** How many of a rung go on, counted from the best. */
function goingOn(
  { eta, cutoff }: AshaRule,
  goal: Goal,
  standing: readonly Standing[],
  rungs: readonly number[],
  rung: number,
): number {
  if (cutoff === 'share') return Math.floor(standing.length / eta);
  const limit = quantileOf(standing, (rungs[rung] ?? NaN) / (rungs[rung + 1] ?? NaN), goal);
  return standing.filter(({ loss }) => loss <= limit).length;
}

/**
 * Syne Tune's cut-off: NumPy's linear quantile, from the end that the goal has, so that the same is rounded alike. Of fewer
 * than two trials there is none.
 */
function quantileOf(standing: readonly Standing[], share: number, goal: Goal): number {
  const count = standing.length;
  if (count < 2) return -Infinity;
  const virtual = (count - 1) * (goal === 'minimize' ? share : 1 - share) + 1;
  const index = Math.trunc(virtual);
  const beyond = virtual - index;
  const left = goal === 'minimize' ? index - 1 : count - index - 1;
  const part = goal === 'minimize' ? beyond : 1 - beyond;
  const [low, high] = [standing[left]?.loss ?? Infinity, standing[left + 1]?.loss ?? Infinity];
  if (part === 0) return low;
  return part === 1 ? high : part * high + (1 - part) * low;
}

function promotion({ trial }: Standing, rungs: readonly number[], rung: number): AshaJob {
  return { kind: 'promote', trial, rung: rung + 1, from: rungs[rung] ?? NaN, to: rungs[rung + 1] ?? NaN };
}

function halfToEven(number: number): number {
  const below = Math.floor(number);
  const beyond = number - below;
  if (beyond === 0.5) return below % 2 === 0 ? below : below + 1;
  return beyond < 0.5 ? below : below + 1;
}
