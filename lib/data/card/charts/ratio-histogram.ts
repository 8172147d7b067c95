import { count } from '../../../page/figures';
import { html, type Markup } from '../../../page/html';
import { niceSteps, rounded } from '../../../page/scale';
import type { Size } from './size-map';

const frame = { left: 50, top: 10, width: 280, height: 140, right: 12, bottom: 58 };
/** Bars to a doubling of the ratio. */
const perOctave = 8;
/** The axis ends at 1:4 and 4:1; what is longer stands in the last bar. */
const octaves = 2;
const ticks = [
  { name: '1:4', ratio: 1 / 4 },
  { name: '1:2', ratio: 1 / 2 },
  { name: '3:4', ratio: 3 / 4 },
  { name: '1:1', ratio: 1 },
  { name: '4:3', ratio: 4 / 3 },
  { name: '2:1', ratio: 2 },
  { name: '4:1', ratio: 4 },
];

/** How many pictures have which width over height, on a logarithmic axis: 1:2 is as far from a square as 2:1. */
export function ratioHistogram(sizes: readonly Size[]): Markup {
  const bars = new Array<number>(2 * octaves * perOctave + 1).fill(0);
  for (const { width, height } of sizes) {
    const octave = Math.min(octaves, Math.max(-octaves, Math.log2(width / height)));
    const bar = Math.round((octave + octaves) * perOctave);
    bars[bar] = (bars[bar] ?? 0) + 1;
  }
  const steps = niceSteps(Math.max(...bars), 4);
  const most = steps.at(-1) ?? 1;
  const bottom = frame.top + frame.height;
  const right = frame.left + frame.width;
  const barWidth = frame.width / bars.length;
  const y = (pictures: number) => rounded(bottom - (frame.height * pictures) / most);
  const x = (ratio: number) =>
    rounded(frame.left + ((Math.log2(ratio) + octaves) * perOctave + 0.5) * barWidth);

  const grid = steps.map(
    (step) =>
      html`<line class="grid" x1="${frame.left}" x2="${right}" y1="${y(step)}" y2="${y(step)}" />
        <text x="${frame.left - 6}" y="${y(step) + 4}" text-anchor="end">${count(step)}</text>`,
  );
  const drawn = bars.map((pictures, index) =>
    pictures === 0
      ? undefined
      : html`<rect
          class="plain"
          x="${rounded(frame.left + index * barWidth + 0.5)}"
          y="${y(pictures)}"
          width="${rounded(barWidth - 1)}"
          height="${rounded(bottom - y(pictures))}"
        />`,
  );
  const named = ticks.map(
    ({ name, ratio }) =>
      html`<line class="tick" x1="${x(ratio)}" x2="${x(ratio)}" y1="${bottom}" y2="${bottom + 4}" />
        <text x="${x(ratio)}" y="${bottom + 17}" text-anchor="middle">${name}</text>`,
  );
  const upright = sizes.filter(({ width, height }) => width < height).length;
  const square = sizes.filter(({ width, height }) => width === height).length;
  const label = `Aspect ratios: ${count(upright)} upright, ${count(square)} square, ${count(sizes.length - upright - square)} lying`;
  return html`<svg
    class="chart"
    viewBox="0 0 ${right + frame.right} ${bottom + frame.bottom}"
    role="img"
    aria-label="${label}"
  >
    ${grid}${drawn}${named}
    <text x="${frame.left}" y="${bottom + 34}">◂ upright</text>
    <text x="${right}" y="${bottom + 34}" text-anchor="end">lying ▸</text>
    <text x="${frame.left + frame.width / 2}" y="${bottom + 50}" text-anchor="middle">width : height</text>
    <text
      x="12"
      y="${frame.top + frame.height / 2}"
      text-anchor="middle"
      transform="rotate(-90 12 ${frame.top + frame.height / 2})"
    >
      pictures
    </text>
  </svg>`;
}
