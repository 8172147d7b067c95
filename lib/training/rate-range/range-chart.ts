import type { RateRange } from '../../../contracts/schemas/rehearsal';
import { html, type Markup } from '../../page/html';
import { rounded } from '../../page/scale';
import { rateText } from './rate-text';
import type { RateSuggestions } from './suggest-rates';

const frame = { left: 52, top: 50, width: 820, height: 340, right: 24, bottom: 48 };

/** Loss over the learning rate, the rate by its logarithm, with the suggestions on the smoothed curve. */
export function rangeChart(points: RateRange['points'], suggestions: RateSuggestions | undefined): Markup {
  const rates = points.map(({ rate }) => rate);
  const [from, to] = [Math.min(...rates), Math.max(...rates)];
  const axis = lossAxis(points);
  const right = frame.left + frame.width;
  const bottom = frame.top + frame.height;
  const decades = Math.max(Math.log10(to / from), 1e-9);
  const xOf = (rate: number) => rounded(frame.left + (frame.width * Math.log10(rate / from)) / decades);
  const yOf = (loss: number) => {
    const share = Math.min(Math.max((loss - axis.from) / (axis.to - axis.from), 0), 1);
    return rounded(bottom - frame.height * share);
  };
  const path = (value: (point: RateRange['points'][number]) => number) =>
    points.map((point, at) => `${at === 0 ? 'M' : 'L'}${xOf(point.rate)} ${yOf(value(point))}`).join('');
  const grid = axis.ticks.map(
    (tick) =>
      html`<line class="grid" x1="${frame.left}" x2="${right}" y1="${yOf(tick)}" y2="${yOf(tick)}" />
        <text x="${frame.left - 8}" y="${yOf(tick) + 4}" text-anchor="end"
          >${Number(tick.toPrecision(4))}</text
        >`,
  );
  const powers = powersBetween(from, to).map(
    (rate) =>
      html`<line class="grid" x1="${xOf(rate)}" x2="${xOf(rate)}" y1="${frame.top}" y2="${bottom + 4}" />
        <text x="${xOf(rate)}" y="${bottom + 20}" text-anchor="middle">${powerText(rate)}</text>`,
  );
  const marks = (suggestions ? marksOf(suggestions) : []).map(({ look, rate, name, rise }) => {
    const near = points.reduce((a, b) =>
      Math.abs(Math.log(b.rate / rate)) < Math.abs(Math.log(a.rate / rate)) ? b : a,
    );
    const x = xOf(Math.min(Math.max(rate, from), to));
    const y = yOf(near.smoothed);
    const leans = x > right - 160 ? 'end' : x < frame.left + 160 ? 'start' : 'middle';
    return html`<line class="mark" x1="${x}" x2="${x}" y1="${frame.top - rise + 5}" y2="${bottom}" />
      <circle class="spot ${look}" cx="${x}" cy="${y}" r="6"
        ><title>${name}: ${rateText(rate)}</title></circle
      >
      <text class="name" x="${x}" y="${frame.top - rise}" text-anchor="${leans}"
        >${name}: ${rateText(rate)}</text
      >`;
  });
  return html`<svg
    class="range"
    viewBox="0 0 ${right + frame.right} ${bottom + frame.bottom}"
    role="img"
    aria-label="${labelOf(points, suggestions)}"
  >
    ${grid}${powers}
    <path class="raw" d="${path(({ loss }) => loss)}" />
    <path class="smoothed" d="${path(({ smoothed }) => smoothed)}" />
    ${marks}
    <text x="${frame.left + frame.width / 2}" y="${bottom + 42}" text-anchor="middle">learning rate</text>
  </svg>`;
}

/** Their names stand at different heights, as the rates are often close together. */
function marksOf({ steepest, tenth }: RateSuggestions) {
  return [
    { look: 'steepest', rate: steepest, name: 'steepest', rise: 12 },
    { look: 'tenth', rate: tenth, name: 'minimum ÷ 10', rise: 30 },
  ];
}

/** From below the least loss to somewhat above the first: what diverges leaves the picture at its top. */
function lossAxis(points: RateRange['points']) {
  const smoothed = points.map((point) => point.smoothed);
  const least = Math.min(...points.map(({ loss }) => loss), ...smoothed);
  const start = Math.max(...smoothed.slice(0, Math.ceil(smoothed.length / 2)));
  const most = Math.min(Math.max(...smoothed), start + (start - Math.min(...smoothed)) * 0.6 + 1e-3);
  const rough = Math.max(most - least, 1e-6) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((times) => times * power).find((nice) => nice >= rough) ?? rough;
  const from = Math.floor(least / step) * step;
  const steps = Math.ceil((most - from) / step - 1e-9);
  return {
    from,
    to: from + steps * step,
    ticks: Array.from({ length: steps + 1 }, (_, at) => from + at * step),
  };
}

/** Powers of ten from the first rate to the last, both included where they are such. */
function powersBetween(from: number, to: number): number[] {
  const powers: number[] = [];
  for (let power = Math.ceil(Math.log10(from) - 1e-9); power <= Math.log10(to) + 1e-9; power += 1) {
    powers.push(10 ** power);
  }
  return powers;
}

function powerText(rate: number): string {
  return rate >= 0.001 && rate < 1000 ? String(Number(rate.toPrecision(1))) : rate.toExponential(0);
}

function labelOf(points: RateRange['points'], suggestions: RateSuggestions | undefined): string {
  const [first, last] = [points[0], points.at(-1)];
  const range = `Loss over learning rates from ${rateText(first?.rate ?? 0)} to ${rateText(last?.rate ?? 0)}`;
  if (!suggestions) return `${range}. It never falls.`;
  return (
    `${range}. It falls fastest at ${rateText(suggestions.steepest)} and is least at ` +
    `${rateText(suggestions.minimum)}.`
  );
}
