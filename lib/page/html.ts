/** A piece of HTML in which everything is escaped that had to be. Only {@link html} and {@link trusted} make it. */
export class Markup {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** What may stand in a template: text and numbers are escaped, markup is not, and lists are joined. */
export type Fragment = Markup | string | number | undefined | readonly Fragment[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it may stand between tags, and in an attribute between quotes. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? '');
}

function written(fragment: Fragment): string {
  if (fragment === undefined) return '';
  if (fragment instanceof Markup) return fragment.toString();
  if (typeof fragment === 'string') return escaped(fragment);
  if (typeof fragment === 'number') return String(fragment);
  return fragment.map(written).join('');
}

/**
 * HTML as a template: what is put in is escaped, so that nobody has to remember to. Attributes stand between
 * quotes; undefined writes nothing.
 */
export function html(strings: TemplateStringsArray, ...values: readonly Fragment[]): Markup {
  let text = '';
  for (const [index, string] of withoutIndent(strings).entries()) text += string + written(values[index]);
  return new Markup(text);
}

const unindented = new WeakMap<TemplateStringsArray, readonly string[]>();

/** The indentation of the source would be a third of the page. */
function withoutIndent(strings: TemplateStringsArray): readonly string[] {
  const known = unindented.get(strings);
  if (known) return known;
  const made = strings.map((string) => string.replace(/\n\s+/g, '\n'));
  unindented.set(strings, made);
  return made;
}

/** Text that is markup already: the style sheet and the script, and nothing that came from outside. */
export function trusted(text: string): Markup {
  return new Markup(text);
}
