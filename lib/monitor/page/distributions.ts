import { count } from '../../page/figures';
import { html, type Markup } from '../../page/html';
import { rounded } from '../../page/scale';
import type { Histogram } from '../histogram';

const frame = { left: 6, top: 8, width: 288, height: 96, bottom: 22 };

/** What is compared, drawn: the reference as an area, the window as a line above it. */
export function distributions(
  histograms: readonly (Histogram & { readonly drifted: boolean })[],
): Markup | undefined {
  if (histograms.length === 0) return undefined;
  return html`<section id="distributions" aria-labelledby="distributions-title">
    <h2 id="distributions-title">Distributions</h2>
    <ul class="legend" aria-label="Colours">
      <li>
        <svg width="12" height="12" aria-hidden="true"><rect class="before" width="12" height="12" /></svg>
        the reference
      </li>
      <li>
        <svg width="12" height="12" aria-hidden="true"><line class="now" x1="0" x2="12" y1="6" y2="6" /></svg>
        the window
      </li>
    </ul>
    <div class="charts small">${histograms.map(chart)}</div>
  </section>`;
}

function chart({
  name,
  edges,
  reference,
  window,
  medians,
  drifted,
}: Histogram & { readonly drifted: boolean }): Markup {
  const most = Math.max(...reference, ...window, Number.EPSILON);
  const step = frame.width / reference.length;
  const bottom = frame.top + frame.height;
  const y = (share: number): number => rounded(bottom - (frame.height * share) / most);
  const x = (bin: number): number => rounded(frame.left + bin * step);
  const bars = reference.map(
    (share, bin) =>
      html`<rect
        class="before"
        x="${x(bin)}"
        y="${y(share)}"
        width="${rounded(step)}"
        height="${rounded(bottom - y(share))}"
      />`,
  );
  // A step a bin, as the bars have it.
  const line = window.map((share, bin) => `${x(bin)},${y(share)} ${x(bin + 1)},${y(share)}`).join(' ');
  const [from = 0, to = 0] = [edges[0], edges.at(-1)];
  return html`<figure>
    <h3>${name} ${drifted ? html`<span class="badge drifted">drifted</span>` : undefined}</h3>
    <svg
      class="chart"
      viewBox="0 0 ${frame.left * 2 + frame.width} ${bottom + frame.bottom}"
      role="img"
      aria-label="${name}: median ${figure(medians.reference)} in the reference, ${figure(medians.window)} in the window"
    >
      ${bars}
      <polyline class="now" points="${line}" />
      <line class="tick" x1="${frame.left}" x2="${frame.left + frame.width}" y1="${bottom}" y2="${bottom}" />
      <text x="${frame.left}" y="${bottom + 15}">${figure(from)}</text>
      <text x="${frame.left + frame.width}" y="${bottom + 15}" text-anchor="end">${figure(to)}</text>
    </svg>
    <figcaption>median ${figure(medians.reference)} → ${figure(medians.window)}</figcaption>
  </figure>`;
}

/** Three digits that mean something. */
export function figure(value: number): string {
  const size = Math.abs(value);
  if (size >= 1000) return count(Math.round(value));
  if (size !== 0 && size < 0.001) return value.toExponential(1);
  return String(Number(value.toPrecision(3)));
}
