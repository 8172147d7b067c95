import { slug } from '../../own-pictures';

/** What a file of pictures, or a list of them, ends with: no part of its name. */
const extensions = /(\.(zip|tar|tgz|gz|bz2|xz|zst|csv|tsv|json|jsonl|ndjson|parquet))+$/i;

/** The dataset's name that a source suggests: of its last folder, its file, its bucket or its Kaggle dataset. */
export function nameFor(source: string): string {
  const path = source.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '').replace(/[?#].*$/s, '');
  const last = path.split(/[/\\]/).findLast((part) => part !== '' && !part.includes('*')) ?? '';
  return slug(last.replace(extensions, ''));
}
