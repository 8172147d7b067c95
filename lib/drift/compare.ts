import {
  type DriftCheck,
  type DriftCheckId,
  type DriftFindings,
  type DriftSettings,
} from '../../contracts/schemas/drift';
import { createRandom } from '../random';
import { checkNames, groupOf, type Comparing, type Found } from './check';
import { checkDiscrepancy, checkDomainClassifier, checkForeign } from './embedding-checks';
import { checkAccuracy, checkCalibration } from './feedback-checks';
import { holm } from './holm';
import { requireObservations, type Observations } from './observations';
import { enoughPermutations, planChecks, tooFew, weightsOf } from './plan';
import { checkClasses, checkConfidence, checkProbabilities, checkStatistic } from './value-checks';

export interface WindowComparison {
  readonly findings: DriftFindings;
  /**
   * `[pictures of the window]`: the share of the reference's own pictures that are less foreign than each, in [0, 1]; undefined where that was
   * not compared.
   */
  readonly beyond: Float64Array | undefined;
}

export interface CompareOptions {
  /** Hears of each check as it begins: how many are done, and how many there are. */
  readonly onCheck?: (done: number, of: number) => void;
  readonly signal?: AbortSignal | undefined;
  /** The model's classes, for what the findings say of them; their numbers where it is left out. */
  readonly classNames?: readonly string[];
}

/**
 * Whether a window of pictures comes from where the reference does. Each check gives a p value that is valid whatever the pictures are like
 * (docs/drift-methods.md); Holm's correction keeps the chance of drift being called in a window without any to `settings.false_alarm`, each
 * group of checks having the same part of it. The same observations, settings and seed give the same findings. The event loop has its turns.
 *
 * @throws RangeError where the two were not made by one model, or are not whole; the signal's reason
 */
export async function compareWindow(
  reference: Observations,
  window: Observations,
  settings: DriftSettings,
  { onCheck, signal, classNames = [] }: CompareOptions = {},
): Promise<WindowComparison> {
  requireObservations(reference, 'reference');
  requireObservations(window, 'window');
  const counts = { reference: reference.count, window: window.count };
  const general = { falseAlarm: settings.false_alarm, counts, seed: settings.seed };
  if (Math.min(counts.reference, counts.window) < settings.least) {
    const reason = tooFew(counts, settings.least);
    const empty = { needed: settings.least, permutations: 0, checks: [] };
    return { findings: { verdict: 'too-few', reason, ...general, ...empty }, beyond: undefined };
  }
  requireSameModel(reference, window);

  const planned = planChecks(reference, window, settings);
  const possible = planned.filter(({ lacking }) => lacking === undefined);
  const weights = weightsOf(possible.filter(({ isJudged }) => isJudged).map(({ id }) => id));
  const permutations = enoughPermutations(settings, weights);
  const random = createRandom(`drift ${settings.seed}`);
  const comparing: Comparing = { reference, window, settings, permutations, random, signal, classNames };
  let beyond: Float64Array | undefined;
  const found = new Map<DriftCheckId, Found>();
  for (const { id } of possible) {
    signal?.throwIfAborted();
    onCheck?.(found.size, possible.length);
    if (id === 'foreign-share') {
      const foreign = await checkForeign(comparing);
      beyond = foreign.beyond;
      found.set(id, foreign.found);
    } else {
      found.set(id, await runCheck(id, comparing));
    }
  }
  onCheck?.(found.size, possible.length);

  const ids = [...weights.keys()];
  const adjusted = holm(ids.map((id) => ({ p: found.get(id)?.p ?? 1, weight: weights.get(id) ?? 0 })));
  const checks = planned.map(({ id, lacking }): DriftCheck => {
    const what = { id, kind: groupOf(id), ...checkNames[id] };
    const of = found.get(id);
    if (lacking !== undefined || of === undefined) return { ...what, ...nothing, ...(lacking ?? { counts }) };
    const figures = { statistic: of.statistic, interval: of.interval ?? null, p: of.p };
    const rest = { effect: of.effect ?? null, counts: of.counts, needed: null };
    const weight = weights.get(id);
    if (weight === undefined) {
      const why = `${of.why} It is not judged: people choose what they give labels for.`;
      return { ...what, ...figures, ...rest, verdict: 'shown', adjusted: null, threshold: null, why };
    }
    const corrected = adjusted[ids.indexOf(id)] ?? 1;
    return {
      ...{ ...what, ...figures, ...rest },
      verdict: corrected <= settings.false_alarm ? 'drift' : 'quiet',
      adjusted: corrected,
      threshold: settings.false_alarm * weight,
      why: of.why,
    };
  });
  const drifted = checks.filter(({ verdict }) => verdict === 'drift');
  return {
    beyond,
    findings: {
      verdict: drifted.length > 0 ? 'drift' : 'quiet',
      reason: reasonOf(drifted, weights.size, window.count),
      ...{ ...general, needed: null, permutations, checks },
    },
  };
}

/** What a check that was not made says. */
const nothing: Pick<
  DriftCheck,
  'verdict' | 'statistic' | 'interval' | 'p' | 'adjusted' | 'threshold' | 'effect' | 'needed' | 'why'
> = {
  ...{
    statistic: null,
    interval: null,
    p: null,
    adjusted: null,
    threshold: null,
    effect: null,
    needed: null,
  },
  ...{ verdict: 'too-few', why: 'This was not compared.' },
};

async function runCheck(id: Exclude<DriftCheckId, 'foreign-share'>, comparing: Comparing): Promise<Found> {
  switch (id) {
    case 'mmd':
      return checkDiscrepancy(comparing);
    case 'domain-classifier':
      return checkDomainClassifier(comparing);
    case 'classes':
      return checkClasses(comparing);
    case 'class-probabilities':
      return checkProbabilities(comparing);
    case 'confidence':
      return checkConfidence(comparing);
    case 'accuracy':
      return checkAccuracy(comparing);
    case 'calibration':
      return checkCalibration(comparing);
    case 'brightness':
    case 'contrast':
    case 'sharpness':
    case 'size':
    case 'saturation':
    case 'warmth':
      return checkStatistic(comparing, id);
  }
}

function reasonOf(drifted: readonly DriftCheck[], checks: number, pictures: number): string {
  const compared = `${checks} ${checks === 1 ? 'check' : 'checks'} of ${pictures} pictures`;
  if (drifted.length === 0) return `None of ${compared} found drift.`;
  return `${drifted.length} of ${compared} found drift: ${drifted.map(({ name }) => name).join(', ')}.`;
}

function requireSameModel(reference: Observations, window: Observations): void {
  for (const what of ['dimensions', 'classes'] as const) {
    if (reference[what] === window[what]) continue;
    throw new RangeError(
      `The reference has ${reference[what]} ${what} and the window ${window[what]}: one model should have observed both.`,
    );
  }
}
