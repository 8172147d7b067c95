import { axisAbove } from '../../../page/scale';
import { spreadStrip } from '../charts/spread-strip';
import { count } from '../../../page/figures';
import { html, type Markup } from '../../../page/html';
import { nameMarkup } from '../../../page/names';
import type { Summary } from '../summary';

const mostClasses = 60;
const brightnessTicks = [0, 64, 128, 192, 255];
/** The standard deviation of values from 0 to 255 is at most half of that. */
const contrastTicks = [0, 32, 64, 96, 128];

/** Brightness and contrast of each class beside those of all. */
export function light({ classes, brightness, contrast }: Summary): Markup {
  const row = (name: Markup | string, of: Pick<Summary, 'brightness' | 'contrast'>) =>
    html`<tr>
      <th scope="row">${name}</th>
      <td>${spreadStrip('brightness', of.brightness, brightness.median, brightnessTicks)}</td>
      <td>${spreadStrip('contrast', of.contrast, contrast.median, contrastTicks)}</td>
    </tr>`;
  const shown = classes.slice(0, mostClasses);
  const rest = classes.length - shown.length;
  return html`<section id="light" aria-labelledby="light-title">
    <h2 id="light-title">Brightness and contrast</h2>
    <p>
      A class that is brighter or darker than the others can be told by its light alone: a model will learn
      that instead of the thing, and fail where the light is different.
    </p>
    <table class="light">
      <caption>
        Mean luminance of a picture (brightness) and its standard deviation (contrast), from 0 to 255: dot,
        the median; thick, the middle half; thin, nine in ten; dashed, the median of all pictures
      </caption>
      <thead>
        <tr>
          <th scope="col">Class</th>
          <th scope="col">Brightness ${axisAbove([0, 128, 255])}</th>
          <th scope="col">Contrast ${axisAbove([0, 64, 128])}</th>
        </tr>
      </thead>
      <tbody>
        ${row('all pictures', { brightness, contrast })}${shown.map((of) => row(nameMarkup(of.label, 60), of))}
      </tbody>
    </table>
    ${rest > 0 ? html`<p class="quiet">The ${count(shown.length)} largest classes; ${count(rest)} more are not drawn.</p>` : undefined}
  </section>`;
}
