import { count } from '../../page/figures';
import { html, trusted, type Markup } from '../../page/html';
import { nameMarkup } from '../../page/names';
import { share, type EvaluationReport, type Mistake } from './content';

/** The wrong answers that the model is surest of, as pictures: a wrong label shows here first. */
export function worstMistakes({ evaluation, mistakes }: EvaluationReport): Markup | undefined {
  if (mistakes === undefined) return undefined;
  const wrong = evaluation.pictures - Math.round(evaluation.accuracy * evaluation.pictures);
  return html`<section id="mistakes" aria-labelledby="mistakes-title">
    <h2 id="mistakes-title">The worst mistakes</h2>
    ${
      mistakes.length === 0
        ? html`<p>Every picture is answered right.</p>`
        : html`<p>
              Of ${count(wrong)} wrong answers the ${count(mistakes.length)} that the model is surest of, as
              it sees the pictures. Some may be labelled wrong.
            </p>
            <ul class="mistakes">
              ${mistakes.map(card)}
            </ul>`
    }
  </section>`;
}

function card({ picture, truth, answer, confidence, given, image }: Mistake): Markup {
  return html`<li>
    <figure>
      <img
        src="${trusted(image)}"
        alt="Picture ${picture.slice(0, 12)}"
        title="${picture}"
        width="128"
        height="128"
      />
      <figcaption>
        <strong>${nameMarkup(truth, 40)}</strong> <span class="quiet">(${share(given)})</span><br />
        answered ${nameMarkup(answer, 40)} <span class="quiet">(${share(confidence)})</span>
      </figcaption>
    </figure>
  </li>`;
}
