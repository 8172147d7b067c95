import { count } from '../../../page/figures';
import type { Gallery, Shown } from '../gallery';
import { html, type Markup } from '../../../page/html';
import { shownName } from '../../../page/names';

/** A thumbnail, described for those who can't see it; where it can't be had, an empty frame that says so. */
export function pictureMarkup({ path, label, sha256, picture }: Shown, { images }: Gallery): Markup {
  const image = sha256 === undefined ? undefined : images.get(sha256);
  const name = shownName(path, 80);
  const alt = label === undefined ? name : `${shownName(label, 60)}: ${name}`;
  if (image === undefined)
    return html`<span class="missing" role="img" aria-label="${alt}, not shown" title="${name}"></span>`;
  const size =
    picture && ` (${count(picture.facts.width)} × ${count(picture.facts.height)}, ${picture.split})`;
  return html`<img src="${image}" alt="${alt}" title="${name}${size}" loading="lazy" decoding="async" />`;
}
