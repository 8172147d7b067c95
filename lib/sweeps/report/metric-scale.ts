import { isBetter, type Goal } from '../standing';
import { linearScale, type Scale } from './scales';

export interface MetricScale extends Scale {
  /** Figures so much worse than the rest that they are drawn at the edge. */
  readonly beyond: number;
  /** 0 for the worst that is drawn in its place, 1 for the best. */
  readonly goodness: (value: number) => number;
}

/** So few are all drawn where they are. */
const fewFigures = 8;

/**
 * An axis for a sweep's metric. One diverged trial with a loss of a million would press all others into one line, so that
 * the worse end is at most Tukey's outer fence: three times the quartiles' distance from the worse quartile.
 */
export function metricScale(values: readonly number[], goal: Goal, ticks: number): MetricScale {
  const [worse, better] = endsOf(values, goal);
  // Of figures that are all the same, something around them.
  const span = Math.abs(better - worse) || Math.max(Math.abs(better) * 0.1, 0.01);
  const low = Math.min(worse, better) - (worse === better ? span / 2 : 0.04 * span);
  const high = Math.max(worse, better) + (worse === better ? span / 2 : 0.04 * span);
  return {
    ...linearScale(low, high, ticks),
    beyond: values.filter((value) => isBetter(goal, worse, value)).length,
    goodness: (value) =>
      worse === better ? 1 : Math.min(1, Math.max(0, (value - worse) / (better - worse))),
  };
}

/** The worse end and the better one. */
function endsOf(values: readonly number[], goal: Goal): readonly [number, number] {
  const sign = goal === 'minimize' ? 1 : -1;
  const losses = values.map((value) => sign * value).sort((one, other) => one - other);
  const [best = 0, worst = 0] = [losses[0], losses.at(-1)];
  const quartile = (share: number) => losses[Math.floor(share * (losses.length - 1))] ?? 0;
  const [lower, upper] = [quartile(0.25), quartile(0.75)];
  const fence = upper + 3 * (upper - lower);
  // The last figure this side of the fence, so that no room is left empty.
  const shown = losses.findLast((loss) => loss <= fence) ?? worst;
  const end = losses.length < fewFigures || upper === lower ? worst : shown;
  return [sign * end, sign * best];
}
