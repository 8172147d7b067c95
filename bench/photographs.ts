import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Writes a manifest that names a folder's pictures where they are.
 *
 * @param pictures - A folder with a `manifest.csv` that has a `file`, a `label` and a `split` column.
 * @param file - The manifest to write, as `drover data ingest` reads one.
 */
export function writePhotographs(pictures: string, file: string): void {
  const [header = '', ...lines] = readFileSync(join(pictures, 'manifest.csv'), 'utf8').trim().split('\n');
  const columns = header.trim().split(',');
  const rows = lines.map((line) => {
    const values = line.trim().split(',');
    const of = (column: string) => values[columns.indexOf(column)] ?? '';
    return [join(pictures, of('file')), of('label'), of('split')].join(',');
  });
  writeFileSync(file, ['path,label,split', ...rows, ''].join('\n'));
}
