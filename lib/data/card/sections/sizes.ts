import { ratioHistogram } from '../charts/ratio-histogram';
import { sizeMap } from '../charts/size-map';
import type { CardContent, CardPicture } from '../content';
import { bytes, count, percent } from '../../../page/figures';
import { html, type Markup } from '../../../page/html';
import { groupBy, spreadOf } from '../summary';

/** Sizes, aspect ratios and formats of the pictures. */
export function sizes({ pictures, rules, trainingSize }: CardContent): Markup {
  return html`<section id="sizes" aria-labelledby="sizes-title">
    <h2 id="sizes-title">Sizes and formats</h2>
    ${trainingSize === undefined ? undefined : besideTraining(pictures, trainingSize)}
    ${sizeCharts(pictures, trainingSize)}
    <div class="charts">${sizeTable(pictures)}${formatTable(pictures, rules.max_megapixels)}</div>
  </section>`;
}

function besideTraining(pictures: readonly CardPicture[], trainingSize: number): Markup {
  const smaller = pictures.filter(({ facts }) => Math.min(facts.width, facts.height) < trainingSize).length;
  const size = `${count(trainingSize)} × ${count(trainingSize)}`;
  return smaller === 0
    ? html`<p>Prepared at ${size} pixels; every picture is at least that large.</p>`
    : html`<p>
        Prepared at ${size} pixels; ${count(smaller)} (${percent(smaller, pictures.length)}) are smaller than
        that on a side.
      </p>`;
}

function sizeCharts(pictures: readonly CardPicture[], trainingSize: number | undefined): Markup {
  const all = pictures.map(({ facts: { width, height } }) => ({ width, height }));
  const [first] = all;
  if (first && all.every(({ width, height }) => width === first.width && height === first.height)) {
    return html`<p>Every picture is ${count(first.width)} × ${count(first.height)} pixels large.</p>`;
  }
  const marks =
    trainingSize === undefined ? [] : [{ side: trainingSize, name: `trained at ${count(trainingSize)}` }];
  return html`<div class="charts">
    <figure>
      ${sizeMap(all, marks)}
      <figcaption>
        Width and height, after the turn that EXIF asks for. Squares lie on the dashed line; both axes are
        logarithmic.
      </figcaption>
    </figure>
    <figure>
      ${ratioHistogram(all)}
      <figcaption>Aspect ratios. What is beyond 4 : 1 stands in the last bar.</figcaption>
    </figure>
  </div>`;
}

function sizeTable(pictures: readonly CardPicture[]): Markup {
  // On a phone there is room for three figures.
  const column = (index: number) => (index % 2 === 1 ? 'number wide' : 'number');
  const pixels = (value: number) => `${count(Math.round(value))} px`;
  const rows = [
    {
      name: 'shorter side',
      of: ({ facts }: CardPicture) => Math.min(facts.width, facts.height),
      write: pixels,
    },
    {
      name: 'longer side',
      of: ({ facts }: CardPicture) => Math.max(facts.width, facts.height),
      write: pixels,
    },
    {
      name: 'area',
      of: ({ facts }: CardPicture) => (facts.width * facts.height) / 1e6,
      write: (value: number) => `${Number(value.toPrecision(2))} MP`,
    },
    { name: 'file', of: ({ bytes }: CardPicture) => bytes, write: bytes },
  ].map(({ name, of, write }) => {
    const values = pictures.map(of);
    const { low, median, high } = spreadOf(values);
    let [least, most] = [Infinity, 0];
    for (const value of values) [least, most] = [Math.min(least, value), Math.max(most, value)];
    const cells = [values.length > 0 ? least : 0, low, median, high, most];
    return html`<tr>
      <th scope="row">${name}</th>
      ${cells.map((value, index) => html`<td class="${column(index)}">${write(value)}</td>`)}
    </tr>`;
  });
  const heads = ['least', '5 %', 'median', '95 %', 'most'].map(
    (head, index) => html`<th scope="col" class="${column(index)}">${head}</th>`,
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Sizes">
    <table>
      <caption>
        How large the pictures are
      </caption>
      <thead>
        <tr>
          <td></td>
          ${heads}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

function formatTable(pictures: readonly CardPicture[], maxMegapixels: number): Markup {
  const having = (has: (facts: CardPicture['facts']) => boolean) =>
    pictures.filter(({ facts }) => has(facts)).length;
  const byFormat = [...groupBy(pictures, ({ facts }) => facts.format)]
    .map(([format, alike]) => ({ name: `format: ${format}`, found: alike.length }))
    .sort((a, b) => b.found - a.found || (a.name < b.name ? -1 : 1));
  const traits = [
    { name: 'grey', found: having(({ space }) => space === 'grey') },
    { name: 'CMYK', found: having(({ space }) => space === 'cmyk') },
    { name: 'another colour space', found: having(({ space }) => space === 'other') },
    { name: 'with transparency', found: having(({ alpha }) => alpha) },
    { name: 'more than 8 bits a channel', found: having(({ depth }) => depth > 8) },
    { name: 'turned by EXIF', found: having(({ orientation }) => orientation > 1) },
    { name: 'several frames, the first used', found: having(({ frames }) => frames > 1) },
    {
      name: `more than ${count(maxMegapixels)} megapixels`,
      found: having(({ width, height }) => width * height > maxMegapixels * 1e6),
    },
  ].filter(({ found }) => found > 0);
  const rows = [...byFormat, ...traits].map(
    ({ name, found }) =>
      html`<tr>
        <th scope="row">${name}</th>
        <td class="number">${count(found)}</td>
        <td class="number">${percent(found, pictures.length)}</td>
      </tr>`,
  );
  return html`<table>
    <caption>
      What the files are
    </caption>
    <thead>
      <tr>
        <td></td>
        <th scope="col" class="number">pictures</th>
        <th scope="col" class="number">share</th>
      </tr>
    </thead>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}
