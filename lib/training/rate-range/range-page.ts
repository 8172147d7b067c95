import type { RateRange } from '../../../contracts/schemas/rehearsal';
import { renderDocument } from '../../page/document';
import { count, moment } from '../../page/figures';
import { html, type Markup } from '../../page/html';
import { pageStyle } from '../../page/style';
import { rangeChart } from './range-chart';
import { rateText } from './rate-text';
import type { RateSuggestions } from './suggest-rates';

export interface RangePage {
  readonly range: RateRange;
  readonly suggestions: RateSuggestions | undefined;
  /** Of the training, as a person knows it: network, optimiser, batch. */
  readonly facts: readonly { readonly name: string; readonly value: string }[];
  /** When the sweep was done, ISO 8601. */
  readonly at: string;
}

const style = `${pageStyle}
.range { display: block; width: 100%; margin-top: 1rem; }
.range text { font-size: 12px; }
.raw { fill: none; stroke: var(--blue); stroke-width: 1; opacity: 0.5; }
.smoothed { fill: none; stroke: var(--blue); stroke-width: 2; stroke-linejoin: round; }
.mark { stroke: var(--quiet); stroke-dasharray: 3 3; }
.spot { stroke: var(--paper); stroke-width: 1.5; }
.spot.steepest, .legend .steepest { fill: var(--amber); }
.spot.tenth, .legend .tenth { fill: var(--dark); }
.spot.minimum { fill: var(--paper); stroke: var(--quiet); }
.range text.name { fill: var(--ink); font-weight: 600; }
@media (min-width: 40rem) {
  .tiles, .tiles.three { grid-template-columns: repeat(3, 1fr); }
}
@media (max-width: 40rem) {
  .range text { font-size: 17px; }
}
`;

/** A page of its own, which needs nothing else: the curve, the rates that it speaks for, and every point. */
export function rangePage({ range, suggestions, facts, at }: RangePage): string {
  const body = html`<header>
      <h1>Learning-rate range test</h1>
      <p class="quiet">${moment(at)}</p>
    </header>
    ${suggestions ? tiles(suggestions) : undefined}
    <p>${adviceText(range, suggestions)}</p>
    <figure>
      ${rangeChart(range.points, suggestions)}
      <ul class="legend" aria-label="Curves">
        <li>${key('smoothed')} smoothed loss</li>
        <li>${key('raw')} loss of each batch</li>
      </ul>
    </figure>
    <section aria-labelledby="how">
      <h2 id="how">How it was found</h2>
      <p>
        From a random start the network took ${count(range.points.length)} steps, each with a rate larger than
        the last by the same factor. The loss is that of the step’s own batch, before the step; the smoothed
        one is its moving average, so it lags a little behind. Nothing that was learnt is kept.
      </p>
      <dl class="facts">
        ${facts.map(
          ({ name, value }) =>
            html`<dt>${name}</dt>
              <dd>${value}</dd>`,
        )}
      </dl>
    </section>
    <section aria-labelledby="points">
      <h2 id="points">Every point</h2>
      ${table(range.points)}
    </section>`;
  return renderDocument({ title: 'Learning-rate range test', style, body });
}

/** What the sweep says, in a sentence or two: on the page and in the terminal. */
export function adviceText(range: RateRange, suggestions: RateSuggestions | undefined): string {
  if (!suggestions) {
    return 'The loss never fell between these rates, so nothing can be suggested: take more steps, or other bounds.';
  }
  const ends = {
    complete: suggestions.stillFalling
      ? 'The loss still fell at the last rate, so that a larger end would say more.'
      : 'The sweep went to its end.',
    diverged: 'The sweep ended early, as the smoothed loss was four times the best.',
    'not-a-number': 'The sweep ended early, as the loss was no number any more.',
  };
  const [low, high] = [suggestions.steepest, suggestions.tenth].toSorted((a, b) => a - b).map(rateText);
  return `Begin with a rate from ${low ?? ''} to ${high ?? ''}. ${ends[range.ended]}`;
}

function tiles({ steepest, tenth, minimum }: RateSuggestions): Markup {
  const tile = (name: string, rate: number, note: string) =>
    html`<div>
      <dt>${name}</dt>
      <dd><strong>${rateText(rate)}</strong><span class="quiet">${note}</span></dd>
    </div>`;
  return html`<dl class="tiles three">
    ${tile('Steepest descent', steepest, 'where the loss falls fastest')}
    ${tile('A tenth of the minimum’s', tenth, 'the other common rule')}
    ${tile('Minimum', minimum, 'least loss: too large to train with')}
  </dl>`;
}

function key(look: 'raw' | 'smoothed'): Markup {
  return html`<svg width="18" height="10" aria-hidden="true">
    <line class="${look}" x1="0" x2="18" y1="5" y2="5" />
  </svg>`;
}

function table(points: RateRange['points']): Markup {
  const rows = points.map(
    ({ rate, loss, smoothed }, at) =>
      html`<tr>
        <th scope="row">${at + 1}</th>
        <td class="number">${rateText(rate)}</td>
        <td class="number">${loss.toFixed(4)}</td>
        <td class="number">${smoothed.toFixed(4)}</td>
      </tr>`,
  );
  return html`<details>
    <summary>Rates and losses of ${count(points.length)} steps</summary>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col" class="number">Rate</th>
            <th scope="col" class="number">Loss</th>
            <th scope="col" class="number">Smoothed</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
  </details>`;
}
