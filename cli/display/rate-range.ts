import type { RateRange } from '../../contracts/schemas/rehearsal';
import { adviceText } from '../../lib/training/rate-range/range-page';
import { rateText } from '../../lib/training/rate-range/rate-text';
import type { RateSuggestions } from '../../lib/training/rate-range/suggest-rates';
import type { Console } from './console';
import { sparkline } from './sparkline';

/** A sweep of rates as a line of the smoothed loss, with where the suggestions lie, and what they are. */
export function rateRangeLines(
  range: RateRange,
  suggestions: RateSuggestions | undefined,
  out: Pick<Console, 'live' | 'width' | 'colours'>,
): string[] {
  const { points } = range;
  const { bold, dim } = out.colours;
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return [adviceText(range, suggestions)];
  const width = Math.max(20, Math.min(out.width - 12, 72, points.length));
  const columns = Math.min(width, points.length);
  // What diverges would flatten all the rest.
  const top =
    Math.max(...points.slice(0, Math.ceil(points.length / 2)).map(({ smoothed }) => smoothed)) * 1.1;
  const line = sparkline(
    points.map(({ smoothed }) => Math.min(smoothed, top)),
    width,
    !out.live,
  );
  const [from, to] = [rateText(first.rate), rateText(last.rate)];
  const axis = `${from}${' '.repeat(Math.max(1, columns - from.length - to.length))}${to}`;
  const least = Math.min(...points.map(({ smoothed }) => smoothed));
  const lines = [
    `loss        ${line}  ${first.smoothed.toFixed(3)} → ${least.toFixed(3)} → ${last.smoothed.toFixed(3)}`,
    dim(`rate        ${axis}`),
  ];
  if (suggestions) {
    const place = (rate: number) => {
      const at = points.reduce(
        (near, point, index) =>
          Math.abs(Math.log(point.rate / rate)) < Math.abs(Math.log((points[near]?.rate ?? 1) / rate))
            ? index
            : near,
        0,
      );
      return Math.min(columns - 1, Math.floor((at * columns) / points.length));
    };
    const marks = Array.from({ length: columns }, () => ' ');
    marks[place(suggestions.tenth)] = 'm';
    marks[place(suggestions.steepest)] = 's';
    lines.push(
      `            ${marks.join('').trimEnd()}`,
      '',
      `s steepest  ${bold(rateText(suggestions.steepest))}  where the loss falls fastest`,
      `m minimum   ${rateText(suggestions.tenth)}  a tenth of ${rateText(suggestions.minimum)}, where the loss is least`,
    );
  }
  return [...lines, adviceText(range, suggestions)];
}
