import { compareText } from '../manifest';
import type { CardContent } from './content';
import { hangGallery } from './gallery';
import { renderDocument } from '../../page/document';
import { html, type Markup } from '../../page/html';
import { shownName } from '../../page/names';
import { script } from './script';
import { classTable } from './sections/classes';
import { findings } from './sections/findings';
import { header } from './sections/header';
import { light } from './sections/light';
import { lookalikes } from './sections/lookalikes';
import { pairs } from './sections/pairs';
import { provenance } from './sections/provenance';
import { samples } from './sections/samples';
import { sizes } from './sections/sizes';
import { warnings } from './sections/warnings';
import { style } from './style';
import { summarise } from './summary';

/**
 * `card.html`: what is in a dataset version, for people to look at. One page that needs nothing else: no script to
 * be read, no request to anywhere, safe to open whatever the files and classes are called. It stays below 3 MB,
 * however large the dataset. The same content gives the same bytes, in whatever order its pictures come.
 *
 * @throws what `thumbnail` throws
 */
export async function renderCardPage(given: CardContent): Promise<string> {
  const content = { ...given, pictures: [...given.pictures].sort((a, b) => compareText(a.path, b.path)) };
  const summary = summarise(content);
  const gallery = await hangGallery(content, summary);
  const toDecide = pairs(summary, gallery);
  return renderDocument({
    title: `${shownName(content.name)}: data card`,
    style,
    script,
    body: html`${header(content, summary)} ${contents(toDecide !== undefined)}
      <main>
        ${warnings(content, summary, gallery)} ${samples(summary, gallery)} ${classTable(content, summary)}
        ${toDecide} ${lookalikes(summary, gallery)} ${findings(content, summary)} ${sizes(content)}
        ${light(summary)} ${provenance(content)}
      </main>`,
  });
}

function contents(toDecide: boolean): Markup {
  const entries = [
    ['warnings', 'Worth a look'],
    ['samples', 'Samples'],
    ['classes', 'Classes'],
    ...(toDecide ? [['pairs', 'To decide on']] : []),
    ['lookalikes', 'Near duplicates'],
    ['findings', 'Left out'],
    ['sizes', 'Sizes'],
    ['light', 'Brightness'],
    ['provenance', 'Provenance'],
  ].map(([id, name]) => html`<li><a href="#${id}">${name}</a></li>`);
  return html`<nav aria-label="On this page">
    <ul>
      ${entries}
    </ul>
  </nav>`;
}
