import { html, type Fragment, type Markup } from '../../lib/page/html';
import type { Schema } from './types';

/** Text in which `…` is code, as the document's descriptions have it. */
export function prose(text: string): Markup {
  const parts = text.split('`');
  return html`${parts.map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}

/** A value as JSON to be read and copied. */
export function jsonMarkup(value: unknown): Markup {
  return html`<pre tabindex="0"><code>${JSON.stringify(value, null, 2)}</code></pre>`;
}

type Inner = boolean | Schema | undefined;

/** What a value may be, in a few words; named schemas lead to where they are described. */
export function typeMarkup(schema: Inner): Fragment {
  if (schema === undefined || typeof schema === 'boolean') return 'anything';
  const { $ref, type, items, additionalProperties, format } = schema;
  if ($ref !== undefined) return refMarkup($ref);
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`;
  const either = schema.anyOf ?? schema.oneOf;
  if (either !== undefined) return joined(either.map(typeMarkup), ' or ');
  if (type === 'array') {
    const most = schema.maxItems === undefined ? '' : `, at most ${schema.maxItems}`;
    return html`list of ${typeMarkup(Array.isArray(items) ? items[0] : items)}${most}`;
  }
  if (type === 'object' && typeof additionalProperties === 'object') {
    return html`object, each value ${typeMarkup(additionalProperties)}`;
  }
  if (format === 'binary') return 'file';
  return [String(type ?? 'anything'), formatText(schema)].filter((part) => part !== '').join(', ');
}

function formatText({ format, minimum, maximum, maxLength }: Schema): string {
  const range =
    minimum === undefined ? '' : maximum === undefined ? `${minimum} or more` : `${minimum} to ${maximum}`;
  const length = maxLength === undefined ? '' : `at most ${maxLength} characters`;
  return [format ?? '', range, length].filter((part) => part !== '').join(', ');
}

function refMarkup(ref: string): Markup {
  const name = ref.split('/').at(-1) ?? ref;
  return html`<a href="#schema-${name}">${name}</a>`;
}

function joined(fragments: readonly Fragment[], between: string): Fragment {
  return fragments.map((fragment, index) => (index === 0 ? fragment : [between, fragment]));
}

/** The keys of an object as a table. */
export function propertyTable({ properties = {}, required = [] }: Schema): Markup {
  const rows = Object.entries(properties).map(([name, property]) => {
    const described = typeof property === 'object' ? (property.description ?? '') : '';
    return html`<tr>
      <th scope="row"><code>${name}</code></th>
      <td>
        ${typeMarkup(property)}${required.includes(name) ? '' : html` <span class="quiet">optional</span>`}
      </td>
      <td>${prose(described)}</td>
    </tr>`;
  });
  return html`<div class="described">
    <table>
      <thead>
        <tr>
          <th scope="col">Key</th>
          <th scope="col">Is</th>
          <th scope="col">Means</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}
