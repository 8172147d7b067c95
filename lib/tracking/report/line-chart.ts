import { html, type Markup } from '../../page/html';
import { rounded } from '../../page/scale';
import { niceAxis } from './nice-axis';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Series {
  readonly name: string;
  /** How it is drawn: a class of the style sheet. */
  readonly look: 'train' | 'validation' | 'steps' | 'alone';
  readonly points: readonly Point[];
  /** Dots at its points, each with its value on pointing at it. */
  readonly dotted?: boolean;
}

export interface LineChart {
  readonly title: string;
  readonly series: readonly Series[];
  /** The greatest value that there can be, such as 1 of a share. */
  readonly most?: number;
  /** A place to mark on the axis of epochs. */
  readonly mark?: { readonly x: number; readonly name: string } | undefined;
}

const frame = { left: 46, top: 14, width: 326, height: 160, right: 14, bottom: 42 };
/** Dots side by side that can still be told apart. */
const mostDots = 40;

/** Curves over epochs, from zero: for the eye; the figures stand in a table. */
export function lineChart({ title, series, most, mark }: LineChart): Markup {
  const drawn = series.filter(({ points }) => points.length > 0);
  const points = drawn.flatMap((one) => one.points);
  const highest = points.reduce((high, { y }) => Math.max(high, y), 0);
  const lastX = points.reduce((last, { x }) => Math.max(last, x), 1);
  const yAxis = niceAxis(most === undefined ? highest : Math.min(highest, most), 4);
  const xAxis = niceAxis(lastX, 6, 1);
  const bottom = frame.top + frame.height;
  const right = frame.left + frame.width;
  const xOf = (x: number) => rounded(frame.left + (frame.width * x) / lastX);
  const yOf = (y: number) => rounded(bottom - (frame.height * y) / yAxis.end);
  const lines = yAxis.ticks.map(
    ({ value, name }) =>
      html`<line class="grid" x1="${frame.left}" x2="${right}" y1="${yOf(value)}" y2="${yOf(value)}" />
        <text x="${frame.left - 6}" y="${yOf(value) + 4}" text-anchor="end">${name}</text>`,
  );
  const ticks = xAxis.ticks
    .filter(({ value }) => value <= lastX)
    .map(
      ({ value, name }) =>
        html`<line class="tick" x1="${xOf(value)}" x2="${xOf(value)}" y1="${bottom}" y2="${bottom + 4}" />
          <text x="${xOf(value)}" y="${bottom + 17}" text-anchor="middle">${name}</text>`,
    );
  return html`<figure>
    <h3>${title}</h3>
    <svg
      class="chart"
      viewBox="0 0 ${right + frame.right} ${bottom + frame.bottom}"
      role="img"
      aria-label="${labelOf(title, drawn)}"
    >
      ${lines}${ticks}
      ${
        mark &&
        html`<line class="best" x1="${xOf(mark.x)}" x2="${xOf(mark.x)}" y1="${frame.top}" y2="${bottom}" />
          <text
            x="${xOf(mark.x) + (mark.x > lastX / 2 ? -4 : 4)}"
            y="${frame.top - 3}"
            text-anchor="${mark.x > lastX / 2 ? 'end' : 'start'}"
            >${mark.name}</text
          >`
      }
      ${drawn.map((one) => curve(one, xOf, yOf))}
      <text x="${frame.left + frame.width / 2}" y="${bottom + 35}" text-anchor="middle">epoch</text>
    </svg>
    ${drawn.length > 1 ? legend(drawn) : undefined}
  </figure>`;
}

function curve(
  { look, name, points, dotted }: Series,
  xOf: (x: number) => number,
  yOf: (y: number) => number,
): Markup {
  const path = points.map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${xOf(x)} ${yOf(y)}`).join('');
  const dots =
    dotted === true && points.length <= mostDots
      ? points.map(
          ({ x, y }) =>
            html`<circle class="dot ${look}" cx="${xOf(x)}" cy="${yOf(y)}" r="2.5">
              <title>${name}, epoch ${rounded(x)}: ${Number(y.toPrecision(4))}</title>
            </circle>`,
        )
      : undefined;
  return html`<path class="curve ${look}" d="${path}" />${dots}`;
}

function labelOf(title: string, series: readonly Series[]): string {
  const said = series.map(({ name, points }) => {
    const [first, last] = [points[0], points.at(-1)];
    return `${name} from ${Number((first?.y ?? 0).toPrecision(3))} to ${Number((last?.y ?? 0).toPrecision(3))}`;
  });
  return `${title}: ${said.join(', ')}`;
}

function legend(series: readonly Series[]): Markup {
  const entries = series.map(
    ({ name, look }) =>
      html`<li>
        <svg width="18" height="10" aria-hidden="true">
          <line class="curve ${look}" x1="0" x2="18" y1="5" y2="5" />
        </svg>
        ${name}
      </li>`,
  );
  return html`<ul class="legend" aria-label="Curves">
    ${entries}
  </ul>`;
}
