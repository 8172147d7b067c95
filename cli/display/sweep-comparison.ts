import type { ComparedSweep, Placed, SweepComparison } from '../../lib/sweeps/compare-sweeps';
import { type Colours, clip, duration, figure, percent } from './format';
import { plainText } from './dataset';
import { table } from './table';

/** More of a value than this is a list that nobody compares by eye. */
const widest = 40;

/** Two sweeps in columns beside each other, and below what they were told differently. */
export function comparisonLines(comparison: SweepComparison, colours: Colours): string[] {
  const { metric, goal, equalTrials, equalSeconds, sweeps, differences } = comparison;
  const row = (name: string, value: (sweep: ComparedSweep) => string) => [name, ...sweeps.map(value)];
  const rows = [
    row('method', ({ method }) => method),
    row('trials', ({ trials }) => String(trials)),
    row('finished', ({ finished }) => String(finished)),
    row('stopped early', ({ stopped }) => String(stopped)),
    row('failed', ({ failed }) => String(failed)),
    row('best', ({ best }) => placed(best)),
    row(`best of the first ${equalTrials}`, ({ bestAtEqualTrials }) => placed(bestAtEqualTrials)),
    row(`best in ${time(equalSeconds)}`, ({ bestAtEqualSeconds }) => placed(bestAtEqualSeconds)),
    row("to the other's best", ({ secondsToOthersBest }) =>
      secondsToOthersBest === undefined ? 'not reached' : time(secondsToOthersBest),
    ),
    row('training', ({ seconds }) => time(seconds)),
    row('saved by stopping', ({ savedSeconds, savedShare }) =>
      savedSeconds > 0 ? `${time(savedSeconds)} (${percent(savedShare)})` : 'nothing',
    ),
  ];
  const names = sweeps.map(({ sweep }) => shown(sweep));
  return [
    `${metric}, ${goal === 'minimize' ? 'less is better' : 'more is better'}; times are of training, all trials together`,
    '',
    ...titled(['', ...names], rows, colours),
    '',
    ...(differences.length === 0
      ? ['Both were told the same, and had the same pictures.']
      : titled(
          ['told differently', ...names],
          differences.map(({ key, values }) => [shown(key), ...values.map((value) => shown(value ?? '–'))]),
          colours,
        )),
  ];
}

function titled(header: readonly string[], rows: readonly (readonly string[])[], colours: Colours): string[] {
  const [titles, ...lines] = table(header, rows);
  return [colours.dim(titles ?? ''), ...lines];
}

function placed(best: Placed | undefined): string {
  return best === undefined ? '–' : `${figure(best.metric)} (trial ${best.trial})`;
}

function time(seconds: number): string {
  return duration(1000 * seconds);
}

function shown(text: string): string {
  return clip(plainText(text), widest);
}
