import type { TrialState } from '../../../contracts/schemas/sweep-record';
import { html, type Markup } from '../../page/html';
import type { MeasuredTrial } from '../standing';
import { numberText } from './value-text';

/** What a trial's state is called on the page. */
export const stateNames: Readonly<Record<TrialState, string>> = {
  running: 'running',
  paused: 'waiting',
  finished: 'finished',
  stopped: 'stopped',
  failed: 'failed',
};

/** From so many on, lines are drawn thin and see-through. */
export const manyLines = 100;

/** A trial as a dot of its state, named on pointing at it. */
export function dot(
  { trial, state, metric }: MeasuredTrial,
  place: { readonly x: number; readonly y: number },
  look: string,
): Markup {
  return html`<circle class="${state} ${look}" data-t="${trial}" cx="${place.x}" cy="${place.y}" r="3.5">
    <title>trial ${trial}, ${stateNames[state]}: ${numberText(metric)}</title>
  </circle>`;
}

/** A cross, for trials that failed and for curves that were stopped. */
export function cross(x: number, y: number, size: number): string {
  const [left, right, top, bottom] = [x - size, x + size, y - size, y + size].map((one) => one.toFixed(1));
  return `M${left} ${top}L${right} ${bottom}M${left} ${bottom}L${right} ${top}`;
}

/** To put marks of one value aside, each trial always alike: −1 to 1. */
export function aside(trial: number): number {
  return 2 * ((trial * 0.618_033_988_75) % 1) - 1;
}

/** Which mark means what, for the states that there are. */
export function stateLegend(states: ReadonlySet<TrialState>): Markup {
  const entries = (['finished', 'stopped', 'paused', 'running', 'failed'] as const)
    .filter((state) => states.has(state))
    .map(
      (state) =>
        html`<li>
          <svg width="12" height="12" aria-hidden="true">
            ${
              state === 'failed'
                ? html`<path class="cross" d="${cross(6, 6, 4)}" />`
                : html`<circle class="${state} g6" cx="6" cy="6" r="4" />`
            }
          </svg>
          ${stateNames[state]}
        </li>`,
    );
  return html`<ul class="legend" aria-label="Marks">
    ${entries}
  </ul>`;
}

/** Which colour means what. */
export function shadeLegend(metric: string): Markup {
  const squares = [0, 1, 2, 3, 4, 5, 6].map(
    (shade) => html`<rect class="g${shade}" x="${shade * 14}" width="14" height="10" />`,
  );
  return html`<p class="shades quiet">
    worse <svg width="98" height="10" aria-hidden="true">${squares}</svg> better ${metric}
  </p>`;
}

/** Where the script says which trial is pointed at, and how many are chosen. */
export function readout(hint: string): Markup {
  return html`<p class="readout quiet" aria-live="polite" hidden>${hint}</p>`;
}
