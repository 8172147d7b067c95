import { championAlias } from '../../contracts/names';
import type { ModelVersion } from '../../contracts/schemas/registry';
import { renderDocument } from '../../lib/page/document';
import { count, counted, moment } from '../../lib/page/figures';
import { html, type Markup } from '../../lib/page/html';
import { nameMarkup, shownName } from '../../lib/page/names';
import { accuracyInterval, badges, eventTable, intervalStrip, share, versionPath } from './parts';
import type { ModelView } from './read-models';
import { modelsStyle } from './style';

/** Versions and events that stand open; those before them are behind a summary. */
const shownVersions = 20;
const shownEvents = 8;

/** `/models`: every model, its versions, which of them is the champion, and what happened. */
export function listPage(models: readonly ModelView[]): string {
  const versions = models.reduce((sum, model) => sum + model.versions.length, 0);
  return renderDocument({
    title: 'Models',
    style: modelsStyle,
    body: html`<header>
        <p class="crumbs"><a href="/">Try the champion</a></p>
        <h1>Models</h1>
        <p>
          ${
            models.length === 0
              ? 'Nothing is registered yet: a pipeline registers what it has trained.'
              : `${counted(models.length, 'model')}, ${counted(versions, 'version')}. A version never changes; aliases are moved, and every move is kept.`
          }
        </p>
      </header>
      <main>${models.map(modelSection)}</main>`,
  });
}

function modelSection(model: ModelView): Markup {
  const { name, versions, aliases, events } = model;
  const champion = versions.find(({ version }) => version === aliases.get(championAlias));
  const newest = [...versions].reverse();
  const id = `model-${name}`;
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${nameMarkup(name)}</h2>
    <dl class="tiles">
      ${champion === undefined ? noChampion : championTiles(champion)}
      <div>
        <dt>Versions</dt>
        <dd>
          <strong>${count(versions.length)}</strong>
          <span class="quiet">the last ${moment(newest[0]?.createdAt ?? '')}</span>
        </dd>
      </div>
    </dl>
    ${versionTable(model, newest.slice(0, shownVersions))}
    ${
      newest.length > shownVersions
        ? html`<details>
            <summary>${counted(newest.length - shownVersions, 'earlier version')}</summary>
            ${versionTable(model, newest.slice(shownVersions))}
          </details>`
        : undefined
    }
    <h3>What happened</h3>
    ${eventTable(name, events.slice(-shownEvents))}
    ${
      events.length > shownEvents
        ? html`<details>
            <summary>${counted(events.length - shownEvents, 'earlier change')}</summary>
            ${eventTable(name, events.slice(0, -shownEvents))}
          </details>`
        : undefined
    }
  </section>`;
}

const noChampion = html`<div>
  <dt>Champion</dt>
  <dd><strong>none</strong> <span class="quiet">no version has passed its gates yet</span></dd>
</div>`;

function championTiles(version: ModelVersion): Markup {
  const [low, high] = accuracyInterval(version);
  return html`<div>
      <dt>Champion</dt>
      <dd>
        <strong
          ><a href="${versionPath(version.name, version.version)}">version ${version.version}</a></strong
        >
        <span class="quiet">answers now</span>
      </dd>
    </div>
    <div>
      <dt>Its accuracy</dt>
      <dd>
        <strong>${share(version.metrics.accuracy)}</strong>
        <span class="quiet">95 % interval ${share(low)} to ${share(high)}</span>
      </dd>
    </div>`;
}

function versionTable(model: ModelView, versions: readonly ModelVersion[]): Markup {
  const champion = model.aliases.get(championAlias);
  const rows = versions.map((version) => {
    const [low, high] = accuracyInterval(version);
    const { accuracy, pictures } = version.metrics;
    return html`<tr class="${version.version === champion ? 'served' : ''}">
      <th scope="row">
        <a href="${versionPath(model.name, version.version)}">Version ${version.version}</a>
      </th>
      <td>${badges(model, version.version)}</td>
      <td class="number">${share(accuracy)}</td>
      <td class="interval listed">
        ${intervalStrip(accuracy, [low, high])}<span class="quiet">${share(low)} to ${share(high)}</span>
      </td>
      <td class="number quietly">${count(pictures)}</td>
      <td class="quietly">${moment(version.createdAt)}</td>
      <td class="quietly"><code>${shownName(version.lineage.run, 20)}</code></td>
    </tr>`;
  });
  return html`<div class="scroll versions">
    <table>
      <thead>
        <tr>
          <th scope="col">Version</th>
          <th scope="col">Aliases</th>
          <th scope="col" class="number">Accuracy</th>
          <th scope="col">95 % interval, 0 to 100 %</th>
          <th scope="col" class="number quietly">Test pictures</th>
          <th scope="col" class="quietly">Registered</th>
          <th scope="col" class="quietly">Run</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}
