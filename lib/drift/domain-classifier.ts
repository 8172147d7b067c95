import type { Interval } from '../../contracts/schemas/evaluation';
import type { Random } from '../random';
import { drawFirst, permutationP, rounding } from './permutations';
import { areaOfSorted, rocArea } from './roc-area';
import { createTurns } from './turns';
import { whitened } from './whitened';

export interface DomainClassifier {
  /** Mean AUC of the folds: about 0.5 where the samples can't be told apart, 1 where each picture tells which it is of. */
  readonly auc: number;
  /** 95 %. */
  readonly interval: Interval;
  readonly p: number;
}

interface DomainOptions {
  readonly permutations: number;
  readonly random: Random;
  readonly signal?: AbortSignal | undefined;
}

export const folds = 5;
/** Directions at most that the classifier looks at; and of each, how many pictures there must be. */
const mostDirections = 64;
const picturesPerDirection = 8;
const normal95 = 1.959_963_984_540_054;

/**
 * Whether a classifier can tell two samples apart (Lopez-Paz and Oquab, "Revisiting classifier two-sample tests", ICLR 2017): Fisher's linear
 * discriminant on the directions of largest spread, judged by the AUC on the fold that it has not seen. Its covariance is that of all pictures,
 * which gives the same direction as that within the samples and needs no label; so a classifier is two means, and p is by permuting labels
 * within each fold with every classifier made anew. The usual interval of an AUC takes the folds to be independent, which they are not:
 * without drift the mean of cross-validated AUCs spreads √2 times as far. So the interval is the wider of DeLong's and the permutations'.
 *
 * @param first - `[n, dimensions]`, n ≥ 10; as `second`
 * @throws RangeError of fewer; the signal's reason
 */
export async function domainClassifier(
  first: Float32Array,
  second: Float32Array,
  dimensions: number,
  { permutations, random, signal }: DomainOptions,
): Promise<DomainClassifier> {
  const [n, m] = [first.length / dimensions, second.length / dimensions];
  if (Math.min(n, m) < 2 * folds)
    throw new RangeError(`a classifier needs ${2 * folds} of each, not ${n} and ${m}`);
  const turn = createTurns(signal);
  const pooled = new Float32Array(first.length + second.length);
  pooled.set(first);
  pooled.set(second, first.length);
  const directions = Math.min(mostDirections, Math.max(1, Math.floor((n + m) / picturesPerDirection)));
  const features = await whitened(pooled, dimensions, directions, {
    random: random.fork('directions'),
    turn,
  });
  const dealt = deal(n, m, random.fork('folds'));
  const scored = scoresOf(features, dealt);
  const areas = scored.map(({ second: ofSecond, first: ofFirst }) => rocArea(ofFirst, ofSecond));
  const auc = areas.reduce((sum, { area }) => sum + area, 0) / folds;
  const independent = Math.sqrt(areas.reduce((sum, { variance }) => sum + variance, 0)) / folds;

  const orders = dealt.map(({ members }) => Int32Array.from(members));
  let [atLeast, squares] = [0, 0];
  for (let permutation = 0; permutation < permutations; permutation += 1) {
    const drawn = dealt.map(({ seconds }, fold) => {
      const members = orders[fold] ?? new Int32Array(0);
      drawFirst(members, seconds, random);
      return { members, seconds };
    });
    const area =
      scoresOf(features, drawn).reduce(
        (sum, { first: ofFirst, second: ofSecond }) => sum + areaOfSorted(ofFirst.sort(), ofSecond.sort()),
        0,
      ) / folds;
    squares += (area - 0.5) ** 2;
    if (area >= auc - rounding) atLeast += 1;
    await turn();
  }
  const reach = normal95 * Math.max(independent, Math.sqrt(squares / permutations));
  return {
    auc,
    interval: [Math.max(0, auc - reach), Math.min(1, auc + reach)],
    p: permutationP(atLeast, permutations),
  };
}

/** Pictures of one fold, those of the second sample first. */
interface Fold {
  readonly members: Int32Array;
  readonly seconds: number;
}

/** Each sample is dealt to the folds, one after the other. */
function deal(n: number, m: number, random: Random): Fold[] {
  const ofFirst = random.shuffle(Array.from({ length: n }, (_, at) => at));
  const ofSecond = random.shuffle(Array.from({ length: m }, (_, at) => n + at));
  return Array.from({ length: folds }, (_, fold) => {
    const own = (places: readonly number[]) => places.filter((_place, at) => at % folds === fold);
    const seconds = own(ofSecond);
    return { members: Int32Array.from([...seconds, ...own(ofFirst)]), seconds: seconds.length };
  });
}

/** Of each fold, how much each picture is like the second sample, by the means of the other folds. */
function scoresOf(
  { width, values }: { readonly width: number; readonly values: Float64Array },
  dealt: readonly Fold[],
): { readonly first: Float64Array; readonly second: Float64Array }[] {
  const sums = dealt.map(({ members, seconds }) => {
    const [second, first] = [new Float64Array(width), new Float64Array(width)];
    members.forEach((picture, at) => {
      const sum = at < seconds ? second : first;
      for (let column = 0; column < width; column += 1) {
        sum[column] = (sum[column] ?? 0) + (values[picture * width + column] ?? 0);
      }
    });
    return { first, second };
  });
  return dealt.map(({ members, seconds }, fold) => {
    const direction = new Float64Array(width);
    let [firstCount, secondCount] = [0, 0];
    dealt.forEach((other, at) => {
      if (at === fold) return;
      secondCount += other.seconds;
      firstCount += other.members.length - other.seconds;
    });
    sums.forEach(({ first, second }, at) => {
      if (at === fold) return;
      for (let column = 0; column < width; column += 1) {
        const gap = (second[column] ?? 0) / secondCount - (first[column] ?? 0) / firstCount;
        direction[column] = (direction[column] ?? 0) + gap;
      }
    });
    const scores = Float64Array.from(members, (picture) => {
      let score = 0;
      for (let column = 0; column < width; column += 1) {
        score += (values[picture * width + column] ?? 0) * (direction[column] ?? 0);
      }
      return score;
    });
    return { first: scores.slice(seconds), second: scores.slice(0, seconds) };
  });
}
