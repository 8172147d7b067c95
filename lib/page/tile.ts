import { html, type Fragment, type Markup } from './html';

/** One of the large figures at a page's head; it stands in `dl.tiles`. */
export function tile(name: string, figure: Fragment, note: Fragment): Markup {
  return html`<div>
    <dt>${name}</dt>
    <dd><strong>${figure}</strong> <span class="quiet">${note}</span></dd>
  </div>`;
}
