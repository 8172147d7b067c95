import { stringify } from 'yaml';
import type { Ref } from '../../contracts/refs';
import { renderDocument } from '../../lib/page/document';
import { bytes, count, counted, moment } from '../../lib/page/figures';
import { html, type Fragment, type Markup } from '../../lib/page/html';
import { nameMarkup, shownName, visibleText } from '../../lib/page/names';
import { evaluationSections } from './evaluation-sections';
import { accuracyInterval, badges, eventTable, share } from './parts';
import { promotionSection } from './promotion-section';
import type { VersionView } from './read-models';
import { modelsStyle } from './style';

/** `/models/<name>/<version>`: its figures, what it was judged by, where it comes from, its files and its card. */
export function versionPage(view: VersionView): string {
  const { version, model } = view;
  const { name, lineage } = version;
  const events = model.events.filter(
    (event) => event.version === version.version || event.before === version.version,
  );
  return renderDocument({
    title: `${shownName(name)}, version ${version.version}`,
    style: modelsStyle,
    body: html`<header>
        <p class="crumbs"><a href="/models">Models</a></p>
        <h1>${nameMarkup(name)}, version ${version.version}</h1>
        <p>
          ${badges(model, version.version)} Registered ${moment(version.createdAt)}, from the run
          <code>${shownName(lineage.run, 40)}</code>.
        </p>
        ${tiles(view)}
        <nav aria-label="On this page">
          <ul>
            ${['figures', 'promotions', 'lineage', 'files', 'history', 'card'].map(
              (id) => html`<li><a href="#${id}">${titles[id]}</a></li>`,
            )}
          </ul>
        </nav>
      </header>
      <main>
        ${section(
          'figures',
          view.evaluation === undefined
            ? html`<p>The evaluation is no longer in the store; the headline stands above.</p>`
            : evaluationSections(view.evaluation),
        )}
        ${section('promotions', promotionSection(view.promotions))} ${section('lineage', lineageFacts(view))}
        ${section('files', fileTable(view))} ${section('history', eventTable(name, events))}
        ${section(
          'card',
          html`<details>
            <summary>As Markdown, with the front matter that Hugging Face reads</summary>
            <pre tabindex="0"><code>${visibleText(view.card)}</code></pre>
          </details>`,
        )}
      </main>`,
  });
}

const titles: Readonly<Record<string, string>> = {
  figures: 'Figures',
  promotions: 'Promotions',
  lineage: 'Lineage',
  files: 'Files',
  history: 'History',
  card: 'Card',
};

function section(id: string, body: Markup): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${titles[id]}</h2>
    ${body}
  </section>`;
}

function tile(name: string, value: string, more: string): Markup {
  return html`<div>
    <dt>${name}</dt>
    <dd><strong>${value}</strong> <span class="quiet">${more}</span></dd>
  </div>`;
}

function tiles({ version, evaluation, forms, result }: VersionView): Markup {
  const { accuracy, loss, pictures } = version.metrics;
  const [low, high] = accuracyInterval(version);
  const served = forms.find(({ name }) => name === 'onnx');
  const ece = evaluation?.calibration?.ece;
  const latency = evaluation?.latencyMs;
  return html`<dl class="tiles">
    ${tile('Accuracy', share(accuracy), `95 % interval ${share(low)} to ${share(high)}`)}
    ${tile('Test pictures', count(pictures), `of ${counted(version.model.classes.length, 'class', 'classes')}`)}
    ${tile('Log loss', loss.toFixed(3), 'mean over the test pictures')}
    ${typeof ece === 'number' ? tile('Calibration', share(ece), 'expected calibration error') : undefined}
    ${latency ? tile('Latency', `${latency.median.toFixed(1)} ms`, `95th percentile ${latency.p95.toFixed(1)} ms`) : undefined}
    ${served === undefined ? undefined : tile('Size', bytes(served.bytes), result === undefined ? 'as ONNX' : `${count(result.parameters)} weights`)}
  </dl>`;
}

function digest({ sha256 }: Ref): Markup {
  return html`<br /><code class="digest">${sha256}</code>`;
}

function fact(name: string, value: Fragment): Markup {
  return html`<dt>${name}</dt>
    <dd>${value}</dd>`;
}

function lineageFacts({ version, result }: VersionView): Markup {
  const { lineage, model } = version;
  const dataset = /^store:\/\/datasets\/([^/]+)\//.exec(lineage.manifest.uri)?.[1] ?? '';
  const { size, color, fit } = model.preprocessing;
  return html`<dl class="facts">
      ${fact('Answers carry', html`<code>digest</code>${digest(model.onnx)}`)}
      ${fact('Evaluation', html`<code>${lineageName(version.evaluation)}</code>${digest(version.evaluation)}`)}
      ${fact('Run', html`<code>${shownName(lineage.run, 60)}</code>${digest(lineage.result)}`)}
      ${lineage.sweep === undefined ? undefined : fact('Sweep', nameMarkup(lineage.sweep))}
      ${lineage.pipeline === undefined ? undefined : fact('Pipeline', nameMarkup(lineage.pipeline))}
      ${fact('Prepared set', html`${size} × ${size}, ${color}, ${fit}${digest(lineage.prepared)}`)}
      ${fact('Dataset version', html`${nameMarkup(dataset)}${digest(lineage.manifest)}`)}
    </dl>
    ${
      result &&
      html`<details>
        <summary>Configuration of the run</summary>
        <pre tabindex="0"><code>${visibleText(stringify(result.config))}</code></pre>
      </details>`
    }
    <h3>Back to the sources, every digest checked</h3>
    <pre><code>npx drover models lineage ${version.name}@${version.version}</code></pre>`;
}

function lineageName({ uri }: Ref): string {
  return shownName(uri.replace(/^store:\/\//, ''), 120);
}

function fileTable({ forms, version }: VersionView): Markup {
  const rows = forms.map(
    ({ name, file, bytes: size, ref }) =>
      html`<tr>
        <th scope="row">${name}</th>
        <td><code>${file}</code></td>
        <td class="number">${bytes(size)}</td>
        <td><code class="digest">${ref.sha256}</code></td>
      </tr>`,
  );
  return html`<div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Form</th>
            <th scope="col">File</th>
            <th scope="col" class="number">Size</th>
            <th scope="col">SHA-256</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
    <h3>Take them out</h3>
    <pre><code>npx drover models export ${version.name}@${version.version} --out ./${version.name}-${version.version}</code></pre>`;
}
