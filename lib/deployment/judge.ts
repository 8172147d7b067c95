import type { TrafficFigures, Watch } from '../../contracts/schemas/deployment';
import { waitMilliseconds } from '../../contracts/waits';
import { latencyQuantile, slowerThan } from './latencies';
import { chanceOfAsMany, differenceBounds, shareBounds } from './proportions';

/** The chance of a false alarm, over all the looks of a step together. */
const falseAlarms = 0.05;

/** Of the requests, so many may be slower than the limit. */
const slowShare = 0.05;

/** With fewer of the old version's requests its 95th percentile is a guess. */
const fewest = 60;

export interface StepFigures {
  readonly fresh: TrafficFigures;
  readonly old?: TrafficFigures | undefined;
  /** Milliseconds of the step that the figures cover. */
  readonly covered: number;
  /** Milliseconds since the step began. */
  readonly waited: number;
}

/**
 * - `breach`: the new version is worse, and is taken back at once · `pass`: it is not · `wait`: too early to say, or too few
 *   requests · `undecided`: too few still after the longest time.
 */
export interface StepVerdict {
  readonly verdict: 'breach' | 'pass' | 'wait' | 'undecided';
  /** For people. */
  readonly why: string;
}

interface Answer {
  readonly is: 'breach' | 'pass' | 'open';
  readonly why: string;
}

/**
 * Judges a step by two shares: of failed requests, and of slow ones. A breach is said where so many would hardly come of a version
 * that keeps its limit, by the exact binomial test, with the chance of a false alarm divided by the looks that a step may have
 * (Bonferroni); a pass, where the upper bound of the share (95 %) is below the limit and the set time is over. In between more
 * requests are waited for.
 */
export function judgeStep(figures: StepFigures, watch: Watch): StepVerdict {
  const longest = waitMilliseconds(watch.longest);
  const looks = Math.max(1, Math.ceil(longest / waitMilliseconds(watch.every)));
  const alarm = falseAlarms / looks;
  const answers = [judgeErrors(figures, watch, alarm), judgeLatency(figures, watch, alarm)];
  const breach = answers.find(({ is }) => is === 'breach');
  if (breach) return { verdict: 'breach', why: breach.why };
  if (figures.covered < waitMilliseconds(watch.time)) {
    return { verdict: 'wait', why: `${requestsOf(figures.fresh)} so far, nothing wrong seen` };
  }
  const open = answers.find(({ is }) => is === 'open');
  if (open === undefined) return { verdict: 'pass', why: answers.map(({ why }) => why).join('; ') };
  return { verdict: figures.waited >= longest ? 'undecided' : 'wait', why: open.why };
}

function judgeErrors({ fresh, old }: StepFigures, watch: Watch, alarm: number): Answer {
  const failed = { hits: fresh.errors, of: fresh.requests };
  const said = `${fresh.errors} of ${requestsOf(fresh)} failed`;
  if (old && old.requests > 0) {
    const before = { hits: old.errors, of: old.requests };
    const limit = watch.max_error_increase;
    const against = `${said}, of the old version ${old.errors} of ${old.requests}`;
    // What the old version does not know of its own share is not held against the new one.
    if (chanceOfAsMany(failed, Math.min(1, shareBounds(before)[1] + limit)) < alarm) {
      return { is: 'breach', why: `${against}: more than ${percent(limit)} more for sure` };
    }
    return differenceBounds(failed, before)[1] <= limit
      ? { is: 'pass', why: against }
      : { is: 'open', why: `${against}: too few to be sure of less than ${percent(limit)} more` };
  }
  const limit = watch.max_error_rate;
  if (chanceOfAsMany(failed, limit) < alarm) {
    return { is: 'breach', why: `${said}: more than ${percent(limit)} for sure` };
  }
  return shareBounds(failed)[1] <= limit
    ? { is: 'pass', why: said }
    : { is: 'open', why: `${said}: too few to be sure of less than ${percent(limit)}` };
}

function judgeLatency({ fresh, old }: StepFigures, watch: Watch, alarm: number): Answer {
  const counted = fresh.latency.counts.reduce((sum, count) => sum + count, 0);
  const known = old && old.requests >= fewest ? latencyQuantile(old.latency, 0.95) : null;
  const limit = known === null ? watch.max_latency_ms : known * watch.max_slower;
  const slow = { hits: Math.min(counted, slowerThan(fresh.latency, limit)), of: counted };
  const than =
    known === null
      ? milliseconds(limit)
      : `${milliseconds(limit)}, ${watch.max_slower} times the old version's 95th percentile`;
  const said = `${slow.hits} of ${slow.of} took longer than ${than}`;
  if (chanceOfAsMany(slow, slowShare) < alarm) {
    return { is: 'breach', why: `${said}: more than ${percent(slowShare)} for sure` };
  }
  return shareBounds(slow)[1] <= slowShare
    ? { is: 'pass', why: said }
    : { is: 'open', why: `${said}: too few to be sure of less than ${percent(slowShare)}` };
}

function requestsOf({ requests }: TrafficFigures): string {
  return `${requests} ${requests === 1 ? 'request' : 'requests'}`;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

function milliseconds(value: number): string {
  return `${Number(value.toPrecision(3))} ms`;
}
