import type { ManifestEntry } from '../../../contracts/schemas/documents';
import { sha256 } from '../../storage/refs';
import { compareText } from '../manifest';

/** By split, then by label; or by label alone. */
export const layouts = ['split', 'flat'] as const;
export type Layout = (typeof layouts)[number];

/** The list beside the pictures; a label of that name must not take its place. */
export const listName = 'manifest.csv';

/** One picture of an export: where it goes, below the export's folder. */
export interface Exported {
  readonly entry: ManifestEntry;
  /** With forward slashes; no two of an export are the same to a file system that ignores case. */
  readonly path: string;
}

/** What some file system does not take in a name, and what makes a name look like another one. */
const forbidden = /[/\\:*?"<>|\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
/** Names of devices on Windows, with any extension. */
const device = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;
/** Bytes; common file systems take 255, and a mark that tells two apart must still fit. */
const longest = 200;

/**
 * Where each picture of a version goes. Labels and paths are a source's, so they may be anything: each becomes one
 * plain name, and where two become the same, the later by path gets the beginning of its digest.
 */
export function exportPaths(entries: readonly ManifestEntry[], layout: Layout): Exported[] {
  const sorted = [...entries].sort((a, b) => compareText(a.path, b.path));
  const folders = labelFolders(sorted.map(({ label }) => label));
  const taken = new Set<string>();
  return sorted.map((entry) => {
    const label = folders.get(entry.label) ?? '';
    const folder = layout === 'flat' ? label : `${entry.split}/${label}`;
    const name = plainName(entry.path.slice(entry.path.lastIndexOf('/') + 1));
    const path = unlikeOthers(taken, `${folder}/`, name, entry.sha256);
    return { entry, path };
  });
}

/** The folder of each label; two labels never share one. */
function labelFolders(labels: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<string>([listName]);
  return new Map(
    [...new Set(labels)]
      .sort(compareText)
      .map((label) => [label, unlikeOthers(taken, '', plainName(label), sha256(label))]),
  );
}

/** As file systems compare that know no case and no forms of Unicode. */
function folded(path: string): string {
  return path.normalize('NFKC').toUpperCase().toLowerCase();
}

function unlikeOthers(taken: Set<string>, before: string, name: string, digest: string): string {
  const dot = name.lastIndexOf('.');
  const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  for (let attempt = 0; ; attempt += 1) {
    const mark = attempt === 0 ? '' : `~${digest.slice(0, 8)}${attempt === 1 ? '' : `-${attempt}`}`;
    const path = `${before}${stem}${mark}${extension}`;
    if (taken.has(folded(path))) continue;
    taken.add(folded(path));
    return path;
  }
}

/** A name that every common file system takes, and that names nothing but itself. */
export function plainName(text: string): string {
  const clean = text
    .normalize('NFC')
    .replaceAll(forbidden, '_')
    // Hidden files would not be found again; Windows drops dots and spaces at the end.
    .replace(/^[\s.]+/, '_')
    .replace(/[\s.]+$/, '');
  const name = device.test(clean) ? `_${clean}` : clean;
  return shortened(name === '' ? '_' : name);
}

/** To at most {@link longest} bytes of UTF-8, with its extension. */
function shortened(name: string): string {
  if (Buffer.byteLength(name) <= longest) return name;
  const extension = /\.[A-Za-z0-9]{1,8}$/.exec(name)?.[0] ?? '';
  let stem = '';
  for (const character of name.slice(0, name.length - extension.length)) {
    if (Buffer.byteLength(stem + character + extension) > longest) break;
    stem += character;
  }
  return `${stem.trimEnd()}${extension}`;
}
