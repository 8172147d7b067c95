import { splitNames } from '../../../contracts/schemas/documents';
import { readManifest } from '../../../lib/data/manifest';
import { countPictures, countSplits } from '../../../lib/data/split';
import { readFindings, shortVersion, type FoundVersion } from '../../../lib/data/versions';
import { warningsOf } from '../../../lib/data/warnings';
import type { Store } from '../../../lib/storage/store';
import type { Console } from '../../display/console';
import { count, counted, countFindings, leftOutText, minute, plainText } from '../../display/dataset';
import { table } from '../../display/table';
import type { Outside, SettingFlags } from '../../settings';
import { findCard } from './card';
import { placeOf } from './place';
import { openData, wishedVersion } from './wished-version';

/** One dataset version: its figures, its classes and splits, and what was found when it was made. */
export async function show(
  wished: string | undefined,
  flags: SettingFlags & { readonly json?: boolean },
  outside: Outside,
  out: Console,
): Promise<void> {
  const data = openData(flags, outside);
  const found = await wishedVersion(wished, data);
  const facts = await factsOf(data.store, found);
  if (flags.json === true) {
    const { findings: _findings, counts, ...rest } = facts;
    const classes = [...counts].map(([label, splits]) => ({ label, ...splits }));
    out.say(JSON.stringify({ name: found.name, ...found.entry, ...rest, classes }, null, 2));
    return;
  }
  sayVersion(found, facts, out);
}

async function factsOf(store: Store, { name, entry }: FoundVersion) {
  const rows = await readManifest(store, entry.manifest);
  const counts = countPictures(rows);
  const findings = await readFindings(store, name, entry.version);
  const card = await findCard(store, name, entry.version);
  return {
    ...{ counts, findings },
    reviewed: rows.filter(({ origin }) => origin !== undefined).length,
    perSplit: countSplits(counts),
    found: findings && countFindings(findings),
    warnings: warningsOf(findings ?? [], counts),
    card: card === undefined ? null : placeOf(store, card.uri),
  };
}

function sayVersion(
  { name, entry, history }: FoundVersion,
  facts: Awaited<ReturnType<typeof factsOf>>,
  out: Console,
): void {
  const { bold, dim, yellow } = out.colours;
  const { counts, perSplit, reviewed, findings = [], found, warnings, card } = facts;
  const versions = new Set(history.map(({ version }) => version)).size;
  const isLatest = history.at(-1)?.version === entry.version;
  out.say(
    `${bold(`${name}@${shortVersion(entry.version)}`)}  ${dim(
      `${isLatest ? 'the latest of ' : 'one of '}${counted(versions, 'version')}`,
    )}`,
  );
  out.say(`taken in    ${minute(entry.at)} from ${plainText(entry.source)}`);
  out.say(
    `pictures    ${count(entry.pictures)}: ${count(perSplit.train)} to train, ${count(perSplit.validation)} to ` +
      `validate, ${count(perSplit.test)} to test`,
  );
  if (reviewed > 0)
    out.say(`feedback    ${counted(reviewed, 'picture')} by reviewed feedback, to train with alone`);
  if (entry.dropped > 0) out.say(`left out    ${counted(entry.dropped, 'file')}: ${leftOutText(findings)}`);
  for (const warning of warnings) out.say(yellow(`look at     ${warning}`));
  if (card !== null) out.say(`card        ${card}`);
  out.say(`sha256      ${entry.version}`);

  out.say();
  const [header, ...rows] = table(
    ['class', 'pictures', ...splitNames],
    [...counts].map(([label, row]) => [
      plainText(label),
      count(splitNames.reduce((sum, split) => sum + row[split], 0)),
      ...splitNames.map((split) => count(row[split])),
    ]),
    new Set([1, 2, 3, 4]),
  );
  out.say(dim(header ?? ''));
  for (const row of rows) out.say(row);

  if (found === undefined || found.length === 0) return;
  out.say();
  const [title, ...lines] = table(
    ['finding', 'files', 'left out'],
    found.map(({ kind, found, dropped }) => [kind.replaceAll('_', ' '), count(found), count(dropped)]),
    new Set([1, 2]),
  );
  out.say(dim(title ?? ''));
  for (const line of lines) out.say(line);
}
