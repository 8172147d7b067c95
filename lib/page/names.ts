import { html, type Markup } from './html';

const longestName = 120;
const longestTitle = 240;

/**
 * A name of a file or a class as text that a person can trust. Strangers choose these names: what cannot be seen
 * (control characters, marks that turn the direction of the text, halves of characters) is spelled out, and a
 * very long name loses its middle, since a file's end says as much as its beginning.
 */
export function shownName(name: string, longest = longestName): string {
  // Cut before spelling out, so that a file named by a megabyte of controls costs no more than another.
  const characters = Array.from(name.length > 4 * longest ? shortened(name, 4 * longest) : name);
  const cut = characters.length > longest ? middleCut(characters, longest) : characters;
  return cut.map(visible).join('');
}

/** Text of several lines, with what cannot be seen spelled out. */
export function visibleText(text: string): string {
  return Array.from(text.replace(/\r\n?/g, '\n'), (character) =>
    character === '\n' || character === '\t' ? character : visible(character),
  ).join('');
}

function visible(character: string): string {
  if (!/^(?:\p{Cc}|\p{Cs}|\p{Bidi_Control}|\p{Zl}|\p{Zp}|\u200b|\u2060|\ufeff)$/u.test(character))
    return character;
  const code = character.codePointAt(0) ?? 0;
  return `\\u${code.toString(16).padStart(4, '0')}`;
}

function shortened(text: string, length: number): string {
  return text.slice(0, length / 2) + text.slice(-length / 2);
}

function middleCut(characters: readonly string[], length: number): string[] {
  const head = Math.ceil((length - 1) / 2);
  return [...characters.slice(0, head), '…', ...characters.slice(head + 1 - length)];
}

/** A name in running text: apart from the direction of what stands around it, and whole on pointing at it. */
export function nameMarkup(name: string, longest = longestName): Markup {
  const shown = shownName(name, longest);
  const whole = shownName(name, longestTitle);
  return html`<bdi${whole === shown ? undefined : html` title="${whole}"`}>${shown}</bdi>`;
}

/** Some names as a list in running text, and how many more there are. */
export function namesMarkup(names: readonly string[], most = 5): Markup {
  const more = names.length - most;
  const shown = names
    .slice(0, most)
    .map((name, index) => html`${index > 0 ? ', ' : ''}${nameMarkup(name, 60)}`);
  return html`${shown}${more > 0 ? ` and ${more} more` : ''}`;
}
