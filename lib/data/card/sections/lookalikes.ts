import { count, counted } from '../../../page/figures';
import type { Gallery } from '../gallery';
import { html, type Markup } from '../../../page/html';
import { nameMarkup, namesMarkup } from '../../../page/names';
import type { NearGroup, Summary } from '../summary';
import { pictureMarkup } from './picture';

/** Near-duplicate groups as rows of thumbnails; those to decide on first. */
export function lookalikes({ nearGroups }: Summary, gallery: Gallery): Markup {
  const head = html`<h2 id="lookalikes-title">Near duplicates</h2>`;
  if (nearGroups.length === 0) {
    return html`<section id="lookalikes" aria-labelledby="lookalikes-title">
      ${head}
      <p class="fine">No two pictures of this version look the same.</p>
    </section>`;
  }
  const groups = gallery.groups.map(({ group, pictures }) => {
    const more = group.pictures.length - pictures.length;
    const shown = pictures.map(
      (picture) =>
        html`<li>
          <figure>
            ${pictureMarkup({ ...picture, picture }, gallery)}
            <figcaption>
              ${
                group.labels.length > 1 ? html`${nameMarkup(picture.label, 30)}, ` : undefined
              }${picture.split}
            </figcaption>
          </figure>
        </li>`,
    );
    return html`<li class="group">
      <h3>
        ${counted(group.pictures.length, 'picture')} of ${namesMarkup(group.labels, 3)} ${badges(group)}
      </h3>
      <ul class="film">
        ${shown}${more > 0 ? html`<li class="quiet more">and ${count(more)} more</li>` : undefined}
      </ul>
    </li>`;
  });
  const across = nearGroups.filter(({ labels }) => labels.length > 1).length;
  const leaking = nearGroups.filter(({ splits }) => splits.length > 1).length;
  const rest = nearGroups.length - gallery.groups.length;
  return html`<section id="lookalikes" aria-labelledby="lookalikes-title">
    ${head}
    <p>
      ${counted(nearGroups.length, 'group')} of pictures that look the same: ${count(across)} across classes,
      ${count(leaking)} across splits. Pictures of one group count for little more than one picture.
    </p>
    <ul class="groups">
      ${groups}
    </ul>
    ${rest > 0 ? html`<p class="quiet">And ${counted(rest, 'more group')}; all of them are in <code>findings.jsonl</code>.</p>` : undefined}
  </section>`;
}

function badges({ labels, splits }: NearGroup): Markup {
  return html`${labels.length > 1 ? html`<span class="badge">across classes</span> ` : undefined}${
    splits.length > 1 ? html`<span class="badge">across splits</span>` : undefined
  }`;
}
