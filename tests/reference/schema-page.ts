/** A JSON Schema as a page: one table, a row a key, keys of keys with dots between. */

type Schema = Readonly<Record<string, unknown>>;

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const schemasIn = (value: unknown): readonly Schema[] => (Array.isArray(value) ? value.filter(isSchema) : []);

const code = (value: unknown): string => `\`${JSON.stringify(value)}\``;

/** In a table's cell. */
const cell = (text: string): string => text.replace(/\|/g, '\\|').replace(/</g, '&lt;').replace(/\n+/g, ' ');

/** What a value may be, in words. */
function kindOf(schema: Schema): string {
  const choices = schemasIn(schema.anyOf ?? schema.oneOf);
  if (choices.length > 0) return [...new Set(choices.map(kindOf))].join(' or ');
  if ('const' in schema) return code(schema.const);
  if (Array.isArray(schema.enum)) return schema.enum.map(code).join(', ');
  if (schema.type === 'array') return `list of ${isSchema(schema.items) ? kindOf(schema.items) : 'anything'}`;
  const kind = typeof schema.type === 'string' ? schema.type : 'text, number or as the page of it says';
  return kind + limitsOf(schema);
}

function limitsOf(schema: Schema): string {
  // Zod bounds every integer by what JavaScript can hold; that is nothing a reader must know.
  const shown = (value: unknown): value is number =>
    typeof value === 'number' && Math.abs(value) < Number.MAX_SAFE_INTEGER;
  const parts = [
    shown(schema.minimum) ? `≥ ${String(schema.minimum)}` : '',
    shown(schema.exclusiveMinimum) ? `> ${String(schema.exclusiveMinimum)}` : '',
    shown(schema.maximum) ? `≤ ${String(schema.maximum)}` : '',
    shown(schema.exclusiveMaximum) ? `< ${String(schema.exclusiveMaximum)}` : '',
    shown(schema.maxLength) ? `at most ${String(schema.maxLength)} characters` : '',
  ].filter((part) => part !== '');
  return parts.length > 0 ? `, ${parts.join(', ')}` : '';
}

interface Row {
  readonly key: string;
  readonly schema: Schema;
  readonly required: boolean;
}

/** Every key, those of nested objects after their own; of a choice between objects, each that is named. */
function rowsOf(schema: Schema, before: string): readonly Row[] {
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  const own = Object.entries(isSchema(schema.properties) ? schema.properties : {}).flatMap(([name, each]) => {
    if (!isSchema(each)) return [];
    const key = before + name;
    return [{ key, schema: each, required: required.has(name) }, ...rowsOf(each, `${key}.`)];
  });
  const items = isSchema(schema.items) ? rowsOf(schema.items, before.replace(/\.$/, '[].')) : [];
  const choices = schemasIn(schema.anyOf ?? schema.oneOf).flatMap((choice) => {
    const properties = isSchema(choice.properties) ? choice.properties : {};
    const named = Object.entries(properties).find(([, each]) => isSchema(each) && 'const' in each);
    const value = named && isSchema(named[1]) ? String(named[1].const) : undefined;
    return rowsOf(choice, before).map((row) =>
      value === undefined
        ? row
        : { ...row, key: row.key.replace(before, `${before.slice(0, -1)}(${value}).`) },
    );
  });
  return [...own, ...items, ...choices];
}

/** @returns Markdown: the keys, what each may be, its default and what it does. */
export function schemaTable(schema: Schema): string {
  const lines = rowsOf(schema, '').map(({ key, schema: each, required }) => {
    const fallback =
      'default' in each && !isSchema(each.default) ? code(each.default) : required ? 'must be given' : '';
    const description = typeof each.description === 'string' ? each.description : '';
    return `| \`${key}\` | ${cell(kindOf(each))} | ${cell(fallback)} | ${cell(description)} |`;
  });
  return ['| key | is | default | says |', '| --- | --- | --- | --- |', ...lines].join('\n');
}
