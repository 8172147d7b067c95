import { STATUS_CODES } from 'node:http';
import { documentPolicy, renderDocument } from '../../lib/page/document';
import { html, type Fragment, type Markup } from '../../lib/page/html';
import { problemMediaType } from '../problem';
import { docsStyle } from './docs-style';
import { jsonMarkup, propertyTable, prose, typeMarkup } from './schema-markup';
import type { Answer, MediaType, OpenApiDocument, Operation, PathItem, Schema } from './types';

interface PlacedOperation {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

/** For the header, as only that can forbid other sites to frame the page. */
export const docsPolicy = `${documentPolicy(docsStyle)}; frame-ancestors 'none'`;

/** `/docs`: the OpenAPI document for people, without a script. */
export function docsPage(document: OpenApiDocument): string {
  const { info, tags, components } = document;
  const operations = Object.entries(document.paths).flatMap(([path, item]) => operationsOf(path, item));
  const schemas = Object.entries(components.schemas);
  return renderDocument({
    title: `${info.title}: the API`,
    style: docsStyle,
    body: html`<header>
        <p class="crumbs"><a href="/">Try the champion</a> · <a href="/models">Models</a></p>
        <h1>The API</h1>
        <p>${prose(info.description)}</p>
        <p>
          <span class="quiet">Version ${info.version}, as <a href="/openapi.json">OpenAPI 3.1</a></span>
        </p>
        <nav aria-label="On this page">
          <ul>
            ${[...tags.map(({ name }) => name), 'keys', 'schemas'].map(
              (id) => html`<li><a href="#${id}">${titleOf(id)}</a></li>`,
            )}
          </ul>
        </nav>
      </header>
      <main>
        ${tags.map(({ name, description }) =>
          section(
            name,
            html`<p>${description}.</p>
              ${operations.filter(({ operation }) => operation.tags.includes(name)).map(operationArticle)}`,
          ),
        )}
        ${section('keys', keys(document))}
        ${section('schemas', html`${schemas.map(([name, schema]) => schemaArticle(name, schema))}`)}
      </main>`,
  });
}

function titleOf(id: string): string {
  return id.slice(0, 1).toUpperCase() + id.slice(1);
}

function section(id: string, content: Markup): Markup {
  return html`<section aria-labelledby="${id}">
    <h2 id="${id}">${titleOf(id)}</h2>
    ${content}
  </section>`;
}

function operationsOf(path: string, { get, post }: PathItem): PlacedOperation[] {
  return [
    ...(get === undefined ? [] : [{ method: 'GET', path, operation: get }]),
    ...(post === undefined ? [] : [{ method: 'POST', path, operation: post }]),
  ];
}

function operationArticle({ method, path, operation }: PlacedOperation): Markup {
  const { operationId, summary, description, requestBody, responses } = operation;
  const samples = operation['x-codeSamples'] ?? [];
  const title = `operation-${operationId}`;
  return html`<article aria-labelledby="${title}">
    <h3 id="${title}">
      <span class="method ${method.toLowerCase()}">${method}</span><code class="path">${path}</code>
    </h3>
    <p>${summary}. ${prose(description)}</p>
    ${samples.length === 0 ? undefined : html`<pre tabindex="0"><code>${samples.map(({ source }) => source).join('\n\n')}</code></pre>`}
    ${parameters(operation)} ${requestBody === undefined ? undefined : bodies(requestBody.content)}
    ${answers(responses)}
  </article>`;
}

function parameters({ parameters: given = [] }: Operation): Fragment {
  if (given.length === 0) return undefined;
  return table(
    'In the path',
    ['Name', 'Is', 'Means'],
    given.map(({ name, schema, description }) => [
      html`<code>${name}</code>`,
      typeMarkup(schema),
      prose(description),
    ]),
  );
}

function bodies(content: Readonly<Record<string, MediaType>>): Markup {
  const rows = Object.entries(content).map(([type, { schema = {} }]) => [
    html`<code>${type}</code>`,
    schema.properties === undefined
      ? typeMarkup(schema)
      : Object.entries(schema.properties).map(
          ([name, property]) => html`<code>${name}</code>: ${typeMarkup(property)}`,
        ),
  ]);
  return table('Body, one of', ['Content-Type', 'Holds'], rows);
}

function answers(responses: Readonly<Record<string, Answer>>): Markup {
  const byStatus = Object.entries(responses).sort(([a], [b]) => Number(a) - Number(b));
  const rows = byStatus.map(([status, answer]) => [
    html`<span class="term">${status} ${STATUS_CODES[status] ?? ''}</span>`,
    contentMarkup(answer),
  ]);
  return html`${table('Answers', ['Status', 'Means'], rows)} ${example(responses['200'] ?? responses['202'])}`;
}

function contentMarkup({ description, content = {}, headers = {} }: Answer): Fragment {
  const problem = content[problemMediaType];
  const own = Object.keys(headers).filter((name) => !/^(X-Request-Id|RateLimit.*)$/.test(name));
  const withHeaders =
    own.length === 0
      ? undefined
      : html`<span class="types">With ${own.map((name) => html`<code>${name}</code>`)}</span>`;
  if (problem !== undefined) return [problemTypes(problem, description), withHeaders];
  const types = Object.entries(content).map(([type, { schema }]) =>
    schema?.$ref === undefined ? html`<code>${type}</code>` : typeMarkup(schema),
  );
  return [prose(description), ': ', ...types, withHeaders];
}

/** Each type leads to its explanation. */
function problemTypes({ examples = {} }: MediaType, description: string): Fragment {
  const types = Object.entries(examples).filter(([, { summary }]) => summary !== undefined);
  if (types.length === 0) return prose(description);
  return types.map(
    ([type, { summary = '' }]) =>
      html`<span class="types"
        ><a href="/problems/${type}"><code>${type}</code></a
        >: ${summary}</span
      >`,
  );
}

function example(answer: Answer | undefined): Fragment {
  const value = answer?.content?.['application/json']?.examples?.['usual']?.value;
  if (value === undefined) return undefined;
  return html`<details>
    <summary>An example of the answer</summary>
    ${jsonMarkup(value)}
  </details>`;
}

function table(title: string, header: readonly string[], rows: readonly (readonly Fragment[])[]): Markup {
  return html`<h4>${title}</h4>
    <div class="described">
      <table>
        <thead>
          <tr>
            ${header.map((each) => html`<th scope="col">${each}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ([first, ...others]) =>
              html`<tr>
                <th scope="row">${first}</th>
                ${others.map((cell) => html`<td>${cell}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

function keys({ components }: OpenApiDocument): Markup {
  const { RateLimit, RateLimitPolicy } = components.headers;
  const said = [
    ...Object.values(components.securitySchemes).map(({ description }) => description),
    ...[RateLimit, RateLimitPolicy].flatMap((header) => header?.description ?? []),
  ];
  return html`${said.map((text) => html`<p>${prose(text)}.</p>`)}`;
}

function schemaArticle(name: string, schema: Schema): Markup {
  const id = `schema-${name}`;
  const [value] = schema.examples ?? [];
  return html`<article aria-labelledby="${id}">
    <h3 id="${id}">${name}</h3>
    <p>${prose(schema.description ?? '')}.</p>
    ${propertyTable(schema)}
    ${
      value === undefined
        ? undefined
        : html`<details>
            <summary>An example</summary>
            ${jsonMarkup(value)}
          </details>`
    }
  </article>`;
}
