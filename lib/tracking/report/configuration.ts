import { html, type Markup } from '../../page/html';
import { nameMarkup } from '../../page/names';
import { leavesOf } from '../leaves';
import type { RunReport } from './content';

/** More of a configuration than this is a weight for each of many classes. */
const mostRows = 200;

/** The run's configuration, every value of it. */
export function configuration({ result: { config, run } }: RunReport): Markup {
  const leaves = leavesOf(config);
  const rows = leaves.slice(0, mostRows).map(
    ({ path, value }) =>
      html`<dt><code>${nameMarkup(path.join('.'), 80)}</code></dt>
        <dd>${nameMarkup(value, 200)}</dd>`,
  );
  return html`<section id="configuration" aria-labelledby="configuration-title">
    <h2 id="configuration-title">Configuration</h2>
    <dl class="facts settings">${rows}</dl>
    ${
      leaves.length > mostRows
        ? html`<p class="quiet">
            And ${leaves.length - mostRows} more, in <code>runs/${run}/config.json</code>.
          </p>`
        : undefined
    }
  </section>`;
}
