import { count } from '../../../page/figures';
import { html, type Markup } from '../../../page/html';
import { logTicks, rounded } from '../../../page/scale';

export interface Size {
  readonly width: number;
  readonly height: number;
}

const frame = { left: 50, top: 10, side: 280, right: 12, bottom: 44 };
const cells = 32;
const shades = 5;

/**
 * How many pictures have which width and height: a map of cells on two logarithmic axes of the same range, so
 * that a picture on the diagonal is a square one, and the same step anywhere is the same factor.
 *
 * @param marks - sides in pixels to mark on both axes, with what they are
 */
export function sizeMap(sizes: readonly Size[], marks: readonly { side: number; name: string }[]): Markup {
  const [from, to] = rangeOf(sizes, marks);
  const share = (pixels: number) => Math.log(pixels / from) / Math.log(to / from);
  const x = (pixels: number) => rounded(frame.left + frame.side * share(pixels));
  const y = (pixels: number) => rounded(frame.top + frame.side * (1 - share(pixels)));
  const cellOf = (pixels: number) => Math.min(cells - 1, Math.floor(cells * share(pixels)));

  const counts = new Map<string, number>();
  for (const { width, height } of sizes) {
    const key = `${cellOf(width)} ${cellOf(height)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const bounds = shadeBounds(Math.max(1, ...counts.values()));
  const step = frame.side / cells;
  const drawn = [...counts].map(([key, found]) => {
    const [column = 0, row = 0] = key.split(' ').map(Number);
    const shade = bounds.findIndex((bound) => found <= bound) + 1;
    return html`<rect
      class="shade${shade}"
      x="${rounded(frame.left + column * step)}"
      y="${rounded(frame.top + frame.side - (row + 1) * step)}"
      width="${rounded(step)}"
      height="${rounded(step)}"
    />`;
  });

  const bottom = frame.top + frame.side;
  const right = frame.left + frame.side;
  const ticks = logTicks(from, to).map(
    (tick) =>
      html`<line class="grid" x1="${x(tick)}" x2="${x(tick)}" y1="${frame.top}" y2="${bottom}" />
        <line class="grid" x1="${frame.left}" x2="${right}" y1="${y(tick)}" y2="${y(tick)}" />
        <text x="${x(tick)}" y="${bottom + 15}" text-anchor="middle">${count(tick)}</text>
        <text x="${frame.left - 6}" y="${y(tick) + 4}" text-anchor="end">${count(tick)}</text>`,
  );
  const marked = marks.map(
    ({ side, name }) =>
      html`<path class="mark" d="M${x(side)} ${bottom}V${frame.top}M${frame.left} ${y(side)}H${right}" />
        <text
          class="note"
          x="${rounded(x(side) + (share(side) < 0.7 ? 4 : -4))}"
          y="${frame.top + 11}"
          text-anchor="${share(side) < 0.7 ? 'start' : 'end'}"
        >
          ${name}
        </text>`,
  );
  const label = `Map of ${count(sizes.length)} pictures by width and height; the table beside it has the figures`;
  return html`<svg
      class="chart"
      viewBox="0 0 ${right + frame.right} ${bottom + frame.bottom}"
      role="img"
      aria-label="${label}"
    >
      ${ticks}
      <path class="diagonal" d="M${frame.left} ${bottom}L${right} ${frame.top}" />
      ${drawn}${marked}
      <text x="${frame.left + frame.side / 2}" y="${bottom + 36}" text-anchor="middle">width in pixels</text>
      <text
        x="12"
        y="${frame.top + frame.side / 2}"
        text-anchor="middle"
        transform="rotate(-90 12 ${frame.top + frame.side / 2})"
      >
        height in pixels
      </text></svg
    >${legend(bounds)}`;
}

/** From the smallest side to the largest, with a little room, and never so near together that there is no axis. */
function rangeOf(sizes: readonly Size[], marks: readonly { readonly side: number }[]): [number, number] {
  let [from, to] = [Infinity, 1];
  for (const { width, height } of sizes) {
    from = Math.min(from, width, height);
    to = Math.max(to, width, height);
  }
  for (const { side } of marks) {
    from = Math.min(from, side);
    to = Math.max(to, side);
  }
  from = Math.min(from, to);
  const room = Math.max(1.08, Math.sqrt(4 / (to / from)));
  return [from / room, to * room];
}

/** The most pictures that each shade stands for, each some times that of the shade before. */
function shadeBounds(most: number): number[] {
  const bounds = Array.from({ length: shades }, (_, index) =>
    Math.ceil(most ** ((index + 1) / shades) - 1e-9),
  );
  return [...new Set(bounds)];
}

function legend(bounds: readonly number[]): Markup {
  const entries = bounds.map((bound, index) => {
    const from = (bounds[index - 1] ?? 0) + 1;
    return html`<li>
      <svg width="12" height="12" aria-hidden="true">
        <rect class="shade${index + 1}" width="12" height="12" />
      </svg>
      ${from === bound ? count(bound) : `${count(from)}–${count(bound)}`}
    </li>`;
  });
  return html`<ul class="legend" aria-label="Pictures in a cell of the map">
    <li>pictures:</li>
    ${entries}
  </ul>`;
}
