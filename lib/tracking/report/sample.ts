import { encodePixels } from '../../images/encode-pixels';
import { count, counted, percent } from '../../page/figures';
import { html, trusted, type Markup } from '../../page/html';
import { nameMarkup } from '../../page/names';
import { mostTelling, pixelsOf } from '../sample-order';
import type { SamplePicture } from '../tracker';
import { confusion } from './confusion';
import type { RunReport } from './content';

/** Rows with their picture; the rest is counted. */
const mostRows = 60;
/** Rows that are seen without opening more. */
const openRows = 16;
/** Of base64, on the whole page. */
const mostCharacters = 1_500_000;
/** Up to this side a picture is shown as it is, to the pixel. */
const sharpSide = 64;
const side = 128;

/** Validation pictures as the model answers them, wrong ones first. */
export async function sample(report: RunReport): Promise<Markup | undefined> {
  const telling = mostTelling(report.sample);
  if (telling.length === 0) return undefined;
  const shown = telling.slice(0, mostRows);
  const wrong = telling.filter(isWrong).length;
  const images = await imagesOf(shown, report);
  const rows = shown.map((picture, index) => row(picture, images[index]));
  const more = rows.slice(openRows);
  return html`<section id="sample" aria-labelledby="sample-title">
    <h2 id="sample-title">Sample</h2>
    <p>
      Of ${counted(telling.length, 'validation picture')} drawn for this page,
      <strong>${count(wrong)}</strong> ${wrong === 1 ? 'is' : 'are'} answered wrong
      (${percent(wrong, telling.length)}). Wrong ones stand first, those that the model is surest of at the
      top; then right ones, the least sure
      first.${shown.length < telling.length ? ` The first ${count(shown.length)} are shown.` : ''}
    </p>
    ${table(rows.slice(0, openRows))}
    ${
      more.length > 0
        ? html`<details>
            <summary><h3>${counted(more.length, 'more picture')}</h3></summary>
            ${table(more)}
          </details>`
        : undefined
    }
    ${confusion(telling)}
  </section>`;
}

function isWrong({ actual, predicted }: SamplePicture): boolean {
  return actual !== predicted;
}

function table(rows: readonly Markup[]): Markup {
  return html`<table class="sample">
    <thead>
      <tr>
        <th scope="col">Picture</th>
        <th scope="col">Actual</th>
        <th scope="col">Predicted</th>
        <th scope="col" class="number">Probability</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

function row(picture: SamplePicture, image: string | undefined): Markup {
  const { actual, predicted, probability, picture: digest } = picture;
  const name = digest.slice(0, 12);
  const shown =
    image === undefined
      ? html`<code title="${digest}">${name}</code>`
      : html`<img src="${trusted(image)}" alt="Picture ${name}" title="${digest}" width="64" height="64" />`;
  return html`<tr${isWrong(picture) ? html` class="wrong"` : undefined}>
    <td>${shown}</td>
    <td>${nameMarkup(actual, 60)}</td>
    <td>
      ${nameMarkup(predicted, 60)}${isWrong(picture) ? html` <span class="badge">wrong</span>` : undefined}
    </td>
    <td class="number">${percent(probability, 1)}</td>
  </tr>`;
}

/** `data:` URIs, as many as the page has room for. */
async function imagesOf(
  shown: readonly SamplePicture[],
  { result }: RunReport,
): Promise<(string | undefined)[]> {
  const images: (string | undefined)[] = [];
  let characters = 0;
  for (const picture of shown) {
    const pixels = pixelsOf(picture, result);
    const format = pixels.width <= sharpSide ? 'png' : 'jpeg';
    const bytes = await encodePixels(pixels, format, side);
    const uri = `data:image/${format};base64,${bytes.toString('base64')}`;
    characters += uri.length;
    images.push(characters <= mostCharacters ? uri : undefined);
  }
  return images;
}
