import { count, counted } from '../../../page/figures';
import type { Gallery } from '../gallery';
import { html, type Markup } from '../../../page/html';
import { nameMarkup } from '../../../page/names';
import type { Summary } from '../summary';
import { pictureMarkup } from './picture';

/** Some pictures of each class, drawn at random by the version. */
export function samples({ classes }: Summary, gallery: Gallery): Markup {
  const shown = classes.filter(({ label }) => gallery.samples.has(label));
  const rows = shown.map(({ label, total }) => {
    const pictures = (gallery.samples.get(label) ?? []).map(
      (picture) => html`<li>${pictureMarkup({ ...picture, picture }, gallery)}</li>`,
    );
    return html`<div class="sample">
      <h3>${nameMarkup(label, 60)} <span class="quiet">${counted(total, 'picture')}</span></h3>
      <ul class="squares">
        ${pictures}
      </ul>
    </div>`;
  });
  const rest = classes.length - shown.length;
  const sparse = shown.length > 0 && [...gallery.samples.values()].every((pictures) => pictures.length <= 3);
  return html`<section id="samples" aria-labelledby="samples-title">
    <h2 id="samples-title">Samples</h2>
    <p class="quiet">
      Drawn at random, the same ones each time for this version; cut to squares.
      ${rest > 0 ? `Of the ${count(shown.length)} largest classes; the other ${count(rest)} are in the table below.` : ''}
    </p>
    <div class="${sparse ? 'samples sparse' : 'samples'}">${rows}</div>
  </section>`;
}
