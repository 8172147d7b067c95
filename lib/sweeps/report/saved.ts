import { count, counted, duration, percent } from '../../page/figures';
import { html, type Markup } from '../../page/html';
import { along } from '../../page/scale';
import { savingsOf } from '../savings';
import type { SweepReport } from './content';

/** Time, and where an hour has a price money, that early stopping saved. */
export function saved({ record, costPerHour }: SweepReport): Markup {
  const { trials, epochs, seconds, spentSeconds, share, unknown } = savingsOf(record);
  const whole = seconds + spentSeconds;
  const price = costPerHour?.toFixed(2);
  const money = (time: number) => ((time / 3600) * (costPerHour ?? 0)).toFixed(2);
  return html`<section id="saved" aria-labelledby="saved-title">
    <h2 id="saved-title">Saved by early stopping</h2>
    ${
      trials === 0
        ? html`<p>
            Nothing: no trial was stopped by a rule or waits at a
            rung.${record.config.early_terminate ? '' : html` This sweep has no <code>early_terminate</code>.`}
            ${spentSeconds > 0 ? `All trials together took ${duration(spentSeconds)}${costPerHour === undefined ? '' : `, which is ${money(spentSeconds)} at ${price} an hour`}.` : ''}
          </p>`
        : html`<p>
              <strong>${duration(seconds)}</strong>, ${percent(seconds, whole)} of the ${duration(whole)} that
              all trials would have taken: ${counted(trials, 'trial')} ${trials === 1 ? 'was' : 'were'}
              stopped by a rule or ${trials === 1 ? 'waits' : 'wait'} at a rung, with
              ${counted(epochs, 'epoch')} not trained, each counted as long as its trial’s other epochs
              took.${costPerHour === undefined ? '' : html` At ${price} an hour that is <strong>${money(seconds)}</strong> saved, and ${money(spentSeconds)} spent.`}
            </p>
            <svg class="bar" width="100%" height="20" role="img" aria-label="${percent(share, 1)} saved">
              <rect class="saving" width="100%" height="20" />
              <rect class="plain" width="${along(spentSeconds, whole)}" height="20" />
            </svg>
            <ul class="legend" aria-label="Parts of the bar">
              <li>${key('plain')} trained <strong>${duration(spentSeconds)}</strong></li>
              <li>${key('saving')} saved <strong>${duration(seconds)}</strong></li>
            </ul>`
    }
    ${
      unknown > 0
        ? html`<p class="quiet">
            Of ${count(unknown)} more that ${unknown === 1 ? 'was' : 'were'} cut short too little is recorded
            to tell.
          </p>`
        : undefined
    }
  </section>`;
}

function key(look: string): Markup {
  return html`<svg width="12" height="12" aria-hidden="true">
    <rect class="${look}" width="12" height="12" />
  </svg>`;
}
