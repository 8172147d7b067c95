import { adviceOf } from '../advice';
import type { CardContent } from '../content';
import type { Gallery } from '../gallery';
import { html, type Markup } from '../../../page/html';
import type { Summary } from '../summary';

/** What is worth a look before training, and what to do about it; says so where there is nothing. */
export function warnings(content: CardContent, summary: Summary, gallery: Gallery): Markup {
  const advice = adviceOf(content, summary);
  if (advice.length === 0) {
    return html`<section id="warnings" aria-labelledby="warnings-title">
      <h2 id="warnings-title">Worth a look</h2>
      <p class="fine">
        Nothing: no leaks between the splits, no conflicting labels, no class that is too small.
      </p>
    </section>`;
  }
  // A finding that names no second file has no pair to show.
  const hasPairs = [...gallery.pairs.values()].some((pairs) => pairs.length > 0);
  const items = advice.map(
    ({ title, found, todo, section }) =>
      html`<li>
        <h3>${title}</h3>
        <p>${found}</p>
        <p>
          <strong>What to do:</strong> ${todo}
          <a href="#${section === 'pairs' && !hasPairs ? 'findings' : section}"
            >See where<span class="unseen">: ${title}</span></a
          >
        </p>
      </li>`,
  );
  return html`<section id="warnings" aria-labelledby="warnings-title">
    <h2 id="warnings-title">Worth a look</h2>
    <ul class="warnings">
      ${items}
    </ul>
  </section>`;
}
