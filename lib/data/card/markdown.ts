import { markdownText } from '../../../contracts/markdown';
import { splitNames, type Rejection } from '../../../contracts/schemas/documents';
import type { ManifestRef } from '../../../contracts/refs';
import { requireStoreKey } from '../../storage/refs';
import type { Store } from '../../storage/store';
import { countSplits, type Counts } from '../split';

/** More rejections than these are counted, and listed in `findings.jsonl` alone. */
const shownRejections = 200;

export interface MarkdownCard {
  readonly name: string;
  readonly version: string;
  readonly counts: Counts;
  readonly licences: string;
  readonly rejected: readonly Rejection[];
}

const licencesHeading = '## Licences';
const leftOutHeading = '## Left out';

/** `card.md`: what is in a dataset version, for a terminal or another program; for people there is `card.html`. */
export function markdownCard({ name, version, counts, licences, rejected }: MarkdownCard): string {
  const sums = countSplits(counts);
  const total = (row: Readonly<Record<string, number>>) =>
    splitNames.reduce((sum, split) => sum + (row[split] ?? 0), 0);
  const row = (label: string, of: Readonly<Record<string, number>>) =>
    `| ${label} | ${splitNames.map((split) => of[split] ?? 0).join(' | ')} | ${total(of)} |`;
  const more = rejected.length - shownRejections;
  return [
    `# ${name}`,
    '',
    `Version \`${version}\`: ${total(sums)} pictures of ${counts.size} classes.`,
    '',
    `| class | ${splitNames.join(' | ')} | all |`,
    '| --- | --: | --: | --: | --: |',
    ...[...counts].map(([label, of]) => row(markdownText(label), of)),
    row('**all**', sums),
    '',
    licencesHeading,
    '',
    licences,
    '',
    leftOutHeading,
    '',
    ...(rejected.length === 0 ? ['Nothing.'] : [`${rejected.length} files:`, '']),
    ...rejected
      .slice(0, shownRejections)
      .map(({ path, reason }) => `- ${markdownText(path)}: ${markdownText(reason)}`),
    ...(more > 0 ? [`- and ${more} more, all in \`findings.jsonl\``] : []),
    '',
  ].join('\n');
}

/** Licences and credits of a dataset version's pictures, from its card; says so where there is no card. */
export async function readLicences(store: Store, manifest: ManifestRef): Promise<string> {
  const key = requireStoreKey(manifest).replace(/[^/]*$/, 'card.md');
  const found = await store.readVersioned(key);
  const [, after] = found?.bytes.toString().split(`\n${licencesHeading}\n`) ?? [];
  return (
    after?.split(`\n${leftOutHeading}\n`)[0]?.trim() ?? 'Nothing is known of the licences of its pictures.'
  );
}
