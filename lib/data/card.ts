import { splitNames, type Rejection } from '../../contracts/schemas/documents';
import { countSplits, type Counts } from './split';

/** More rejections than these are counted, and listed in `rejected.jsonl` alone. */
const shownRejections = 200;

/** A cell or a line of Markdown: names come from files, which may be called anything. */
function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]<>|#]/g, '\\$&').replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');
}

export interface CardContent {
  readonly name: string;
  readonly version: string;
  readonly counts: Counts;
  readonly licences: string;
  readonly rejected: readonly Rejection[];
}

/** `card.md`: what is in a dataset version, for people. */
export function renderCard({ name, version, counts, licences, rejected }: CardContent): string {
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
    ...[...counts].map(([label, of]) => row(plain(label), of)),
    row('**all**', sums),
    '',
    '## Licences',
    '',
    licences,
    '',
    '## Left out',
    '',
    ...(rejected.length === 0 ? ['Nothing.'] : [`${rejected.length} files:`, '']),
    ...rejected.slice(0, shownRejections).map(({ path, reason }) => `- ${plain(path)}: ${plain(reason)}`),
    ...(more > 0 ? [`- and ${more} more, all in \`rejected.jsonl\``] : []),
    '',
  ].join('\n');
}
