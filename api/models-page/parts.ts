import { championAlias } from '../../contracts/names';
import type { ModelVersion } from '../../contracts/schemas/registry';
import { wilsonInterval } from '../../lib/evaluation/metrics/wilson';
import { moment } from '../../lib/page/figures';
import { html, type Markup } from '../../lib/page/html';
import { nameMarkup, shownName } from '../../lib/page/names';
import { along, gridLines, rounded } from '../../lib/page/scale';
import type { RegistryEvent } from '../../lib/registry/timeline';
import type { ModelView } from './read-models';

/** `70.6 %`, on one line. */
export function share(value: number): string {
  return `${(100 * value).toFixed(1)}\u00a0%`;
}

/** 95 % Wilson score interval of a version's accuracy on its test pictures. */
export function accuracyInterval({ metrics }: Pick<ModelVersion, 'metrics'>): [number, number] {
  return wilsonInterval(Math.round(metrics.accuracy * metrics.pictures), metrics.pictures);
}

export function versionPath(name: string, version: number): string {
  return `/models/${encodeURIComponent(name)}/${version}`;
}

/** The names of a version, the champion's first. */
export function badges({ aliases }: Pick<ModelView, 'aliases'>, version: number): Markup | undefined {
  const names = [...aliases].flatMap(([alias, named]) => (named === version ? [alias] : []));
  if (names.length === 0) return undefined;
  names.sort((a, b) => Number(b === championAlias) - Number(a === championAlias));
  const shown = names.map(
    (name) =>
      html`<span class="badge${name === championAlias ? ' champion' : ''}">${shownName(name, 40)}</span>`,
  );
  return html`<span class="badges">${shown}</span>`;
}

const height = 16;

/** A figure with its interval, on an axis from 0 to 1: for the eye, as the numbers stand beside it. */
export function intervalStrip(value: number, [low, high]: readonly [number, number]): Markup {
  const width = rounded(100 * Math.max(high - low, 0.005));
  return html`<svg class="strip" width="100%" height="${height}" aria-hidden="true">
    ${gridLines([0, 0.25, 0.5, 0.75, 1], height)}
    <rect class="range" x="${along(low, 1)}" width="${width}%" y="7" height="2" />
    <circle class="point" cx="${along(value, 1)}" cy="8" r="4" />
  </svg>`;
}

/** What happened to a model, the newest first. */
export function eventTable(name: string, events: readonly RegistryEvent[]): Markup {
  const rows = [...events].reverse().map(
    (event) =>
      html`<tr>
        <td><time datetime="${event.at}">${moment(event.at)}</time></td>
        <td>${eventMarkup(name, event)}</td>
        <td>${event.by === undefined ? '' : nameMarkup(event.by, 60)}</td>
        <td class="why">${event.reason === undefined ? '' : shownName(event.reason, 400)}</td>
      </tr>`,
  );
  return html`<div class="events">
    <table>
      <thead>
        <tr>
          <th scope="col">When</th>
          <th scope="col">What</th>
          <th scope="col">By</th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

function eventMarkup(name: string, { kind, version, alias = '', before }: RegistryEvent): Markup {
  const link = html`<a href="${versionPath(name, version)}">version ${version}</a>`;
  const named = html`<strong>${shownName(alias, 40)}</strong>`;
  switch (kind) {
    case 'registered':
      return html`${link} registered`;
    case 'alias-set':
      return html`${named} is ${link}`;
    case 'alias-moved':
      return html`${named} moved from ${before} to ${link}`;
    case 'alias-removed':
      return html`${named} taken from ${link}`;
  }
}
