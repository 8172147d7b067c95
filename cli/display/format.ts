import pc from 'picocolors';

export { shellWord } from '../../lib/page/shell-word';

export type Colours = ReturnType<typeof pc.createColors>;

/** No colour at all: files, pipes, tests. */
export const plainColours: Colours = pc.createColors(false);

/** `42 s`, `3 min 05 s`, `2 h 07 min`: short, never more precise than it is useful. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** Decimal units, as downloads are counted: `43.9 MB`. */
export function bytes(count: number): string {
  if (count < 1000) return `${Math.round(count)} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = count / 1000;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(value < 100 ? 1 : 0)} ${units[unit] ?? ''}`;
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** A number as a table shows it: whole numbers as they are, others to four significant digits. */
export function figure(value: number): string {
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  return size >= 0.001 && size < 100_000 ? String(Number(value.toPrecision(4))) : value.toExponential(2);
}

/** Any parameter's or result's value on one line. */
export function inline(value: unknown): string {
  if (typeof value === 'number') return figure(value);
  if (typeof value === 'string') return value;
  return value === undefined ? 'none' : JSON.stringify(value);
}

const escape = String.fromCharCode(27);
const escapes = new RegExp(`${escape}\\[[0-9;?]*[A-Za-z]`, 'g');
const leadingEscape = new RegExp(`^${escape}\\[[0-9;?]*[A-Za-z]`);

/** Without colour and cursor codes. */
export function stripCodes(text: string): string {
  return text.replace(escapes, '');
}

const halfwidth = /[\uff61-\uffdc]/u;
/** East Asian wide and fullwidth characters, and emoji (Unicode's UAX 11), by their scripts. */
const wide =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\u3001-\u303e\uff01-\uff60\uffe0-\uffe6]/u;
/** Drawn over the character before, or not at all. */
const without = /[\p{Mn}\p{Me}\p{Cf}]/u;

function widthOf(character: string): number {
  if (without.test(character)) return 0;
  return wide.test(character) && !halfwidth.test(character) ? 2 : 1;
}

/** Columns that a text takes on a terminal; colour codes take none. */
export function columnsOf(text: string): number {
  return Array.from(stripCodes(text)).reduce((columns, character) => columns + widthOf(character), 0);
}

/** Cut to at most `width` columns, with `…` where something was lost; colour codes survive. */
export function clip(text: string, width: number): string {
  if (columnsOf(text) <= width) return text;
  let kept = '';
  let columns = 0;
  let coloured = false;
  for (let at = 0; at < text.length;) {
    const code = leadingEscape.exec(text.slice(at));
    if (code) {
      kept += code[0];
      coloured = true;
      at += code[0].length;
      continue;
    }
    const character = String.fromCodePoint(text.codePointAt(at) ?? 32);
    columns += widthOf(character);
    if (columns >= width) return `${kept}…${coloured ? '\u001b[0m' : ''}`;
    kept += character;
    at += character.length;
  }
  return kept;
}

export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - columnsOf(text)));
}
