import { percent } from '../../page/figures';
import { html, trusted, type Markup } from '../../page/html';
import { nameMarkup } from '../../page/names';

/** A picture of the window that is least like the reference. */
export interface ForeignPicture {
  /** The prediction's id, by which `drover predictions` and feedback know it. */
  readonly id: string;
  readonly at: string;
  readonly answer: string;
  readonly confidence: number;
  /** What somebody said it shows. */
  readonly label: string | undefined;
  /** Of the reference's own pictures, the share that is less foreign than this one. */
  readonly beyond: number;
  /** `data:` URI of the picture, made small. */
  readonly image: string;
}

/** The pictures that are least like what the version was made of, the most foreign first. */
export function foreignPictures(pictures: readonly ForeignPicture[]): Markup | undefined {
  if (pictures.length === 0) return undefined;
  return html`<section id="foreign" aria-labelledby="foreign-title">
    <h2 id="foreign-title">The most foreign pictures</h2>
    <p>
      The ${pictures.length === 1 ? 'picture' : `${pictures.length} pictures`} of the window that
      ${pictures.length === 1 ? 'is' : 'are'} least like the reference, as the model sees them. Each is named
      by its prediction’s id, for feedback.
    </p>
    <ul class="foreign">
      ${pictures.map(card)}
    </ul>
  </section>`;
}

function card({ id, at, answer, confidence, label, beyond, image }: ForeignPicture): Markup {
  const wrong = label !== undefined && label !== answer;
  return html`<li>
    <figure>
      <img
        src="${trusted(image)}"
        alt="Picture of the prediction ${id}"
        title="${id}, ${at}"
        width="128"
        height="128"
      />
      <figcaption>
        answered <strong>${nameMarkup(answer, 40)}</strong>
        <span class="quiet">(${percent(confidence, 1)})</span><br />
        ${label === undefined ? undefined : html`${wrong ? 'really' : 'and it is'} <strong>${nameMarkup(label, 40)}</strong><br />`}
        <span class="quiet">more foreign than ${percent(beyond, 1)} of the reference</span><br />
        <code>${id.slice(0, 8)}</code>
      </figcaption>
    </figure>
  </li>`;
}
