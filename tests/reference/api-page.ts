/** What of an OpenAPI document a page shows. */
interface Documented {
  readonly paths?: Readonly<Record<string, unknown>>;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');

const methods = ['get', 'post', 'put', 'delete', 'patch'];

/** @returns Markdown: every path and method, what it takes and answers. */
export function apiPage(document: Documented): string {
  const parts = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(isRecord(item) ? item : {})
      .filter(([method]) => methods.includes(method))
      .map(([method, operation]) => operationPart(path, method, isRecord(operation) ? operation : {})),
  );
  const head =
    '# Every request\n\nMade from the OpenAPI document, which a running API gives at `/openapi.json` and shows at `/docs`. How to ask is in [the API](../api.md).\n';
  return [head, ...parts].join('\n');
}

function operationPart(path: string, method: string, operation: Readonly<Record<string, unknown>>): string {
  const body = isRecord(operation.requestBody) ? operation.requestBody : {};
  const takes = Object.keys(isRecord(body.content) ? body.content : {});
  const answers = Object.entries(isRecord(operation.responses) ? operation.responses : {}).map(
    ([status, answer]) =>
      `| ${status} | ${text(isRecord(answer) ? answer.description : '')
        .replace(/\s+/g, ' ')
        .replace(/\|/g, '\\|')
        .replace(/</g, '&lt;')} |`,
  );
  return [
    `## ${method.toUpperCase()} ${path.replace(/[{}]/g, (brace) => (brace === '{' ? ':' : ''))}\n`,
    `${text(operation.summary)}\n`,
    text(operation.description) === '' ? '' : `${text(operation.description).replace(/</g, '&lt;')}\n`,
    takes.length > 0 ? `Takes ${takes.map((each) => `\`${each}\``).join(', ')}.\n` : '',
    `| status | when |\n| --- | --- |\n${answers.join('\n')}\n`,
  ]
    .filter((part) => part !== '')
    .join('\n');
}
