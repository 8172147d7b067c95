import type { Gate, GateVerdict } from '../../../contracts/schemas/promotion';
import { subject, type Finding } from './limits';
import { shown } from './numbers';
import { fewestForMeans, pairedMean, pairedMeanBounds, picturesToDecideMean } from './paired-means';
import { pairedDifferenceBounds, picturesToDecide, type PairedCounts } from './paired-shares';
import type { Pair } from './pairs';

/** A comparison of the two models on some pictures. `least` and `most`: how much better the candidate may be, at 95 % each. */
interface Comparison {
  readonly of: string;
  readonly pictures: number;
  readonly better: number;
  readonly least: number;
  readonly most: number;
  /** Whether there are pictures enough for the bounds to mean anything. */
  readonly sound: boolean;
  /** How many pictures it would take to decide. */
  readonly needed: number;
}

/**
 * Whether the candidate is not worse than the champion by `margin` or more: a one-sided 95 % non-inferiority bound on the
 * paired difference, by Tango's score for shares and Student's t for losses. It passes where the bound lies within the
 * margin; fails where the candidate is surely worse by the margin, and where it couldn't show that it isn't though there were
 * pictures enough for that; and is undecided where there were too few.
 *
 * For every class, each is judged at 95 % and all must pass: that all are right needs no correction for their number (R. L.
 * Berger, "Multiparameter hypothesis testing and acceptance sampling", Technometrics 24 (1982), 295–300).
 *
 * @param classes - every class's name, also of those that no picture is of
 */
export function judgeNotWorse(
  gate: Gate,
  margin: number,
  pairs: readonly Pair[],
  classes: readonly string[],
): Finding {
  const name = `${subject(gate)} not worse by ${shown(margin)}`;
  const comparisons = compare(gate, margin, pairs, classes).sort((a, b) => a.least - b.least);
  const judged = comparisons.map((one) => ({ ...one, verdict: verdictOf(one, margin) }));
  const worst =
    judged.find(({ verdict }) => verdict === 'fail') ??
    judged.find(({ verdict }) => verdict === 'undecided') ??
    judged[0];
  if (worst === undefined) {
    const why = `there is no ${subject(gate)}`;
    return { gate: name, verdict: 'undecided', value: null, limit: -margin, why };
  }
  return {
    gate: name,
    verdict: worst.verdict,
    value: Number.isFinite(worst.least) ? worst.least : null,
    limit: -margin,
    why: wordsFor(worst, margin),
  };
}

function verdictOf({ pictures, least, most, sound, needed }: Comparison, margin: number): GateVerdict {
  if (sound && least > -margin) return 'pass';
  if (sound && most < -margin) return 'fail';
  return pictures < needed ? 'undecided' : 'fail';
}

function wordsFor(worst: Comparison & { readonly verdict: GateVerdict }, margin: number): string {
  const { of, pictures, better, least, verdict, needed } = worst;
  const enough = `about ${needed} pictures would decide it`;
  if (pictures === 0) return `there is no test picture for ${of}; ${enough}`;
  const sure = !Number.isFinite(least)
    ? 'nothing is sure of so few'
    : `with 95 % sureness ${least < 0 ? `at most ${shown(-least)} worse` : `at least ${shown(least)} better`}`;
  const by =
    better === 0
      ? "the same as the champion's"
      : `${shown(Math.abs(better))} ${better < 0 ? 'worse' : 'better'} than the champion's`;
  const found = `${of} is ${by} on ${pictures} pictures, and ${sure}`;
  if (verdict === 'pass') return found;
  return verdict === 'fail'
    ? `${found}; ${shown(margin)} is allowed`
    : `${found}; ${shown(margin)} is allowed, and ${enough}`;
}

function compare(
  gate: Gate,
  margin: number,
  pairs: readonly Pair[],
  classes: readonly string[],
): Comparison[] {
  const { metric } = gate;
  if (metric === 'loss' || metric === 'brier') return [ofMeans(metric, pairs, margin)];
  if (metric === 'accuracy') return [ofShares('accuracy', pairs, margin)];
  return classes
    .filter((name) => gate.class === 'every' || gate.class === name)
    .map((name) =>
      ofShares(
        `the recall of ${name}`,
        pairs.filter(({ truth }) => truth === name),
        margin,
      ),
    );
}

function ofMeans(metric: 'loss' | 'brier', pairs: readonly Pair[], margin: number): Comparison {
  const differences = pairedMean(pairs.map((pair) => pair.candidate[metric] - pair.champion[metric]));
  const [low, high] = pairedMeanBounds(differences);
  return {
    of: metric,
    pictures: differences.pictures,
    // Of a loss, less is better.
    better: -differences.mean,
    least: -high,
    most: -low,
    sound: differences.pictures >= fewestForMeans,
    needed: picturesToDecideMean(differences, margin),
  };
}

function ofShares(of: string, pairs: readonly Pair[], margin: number): Comparison {
  const counts: PairedCounts = {
    pictures: pairs.length,
    gained: pairs.filter(({ candidate, champion }) => candidate.right && !champion.right).length,
    lost: pairs.filter(({ candidate, champion }) => champion.right && !candidate.right).length,
  };
  const [least, most] = pairedDifferenceBounds(counts);
  return {
    of,
    pictures: pairs.length,
    better: pairs.length === 0 ? 0 : (counts.gained - counts.lost) / pairs.length,
    least,
    most,
    sound: true,
    needed: picturesToDecide(counts, margin),
  };
}
