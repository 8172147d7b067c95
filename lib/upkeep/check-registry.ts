import { modelNumbersSchema, modelVersionSchema } from '../../contracts/schemas/registry';
import { Failure } from '../../contracts/failures';
import { championAlias } from '../../contracts/names';
import { listPromotions } from '../promotion/records';
import { listAliases, type FoundAlias } from '../registry/aliases';
import { numbersKey, versionKey } from '../registry/keys';
import { listNumbers, numberedAs } from '../registry/versions';
import type { Store } from '../storage/store';
import type { StoreProblem } from './store-problem';

/** What of the registry does not go together: versions, numbers, aliases, and the promotions that moved them. */
export async function checkRegistry(store: Store, note: (text: string) => void): Promise<StoreProblem[]> {
  const names = new Set<string>();
  for await (const key of store.list('models/')) {
    const name = key.split('/')[1];
    if (name !== undefined) names.add(name);
  }
  const problems: StoreProblem[] = [];
  for (const name of [...names].sort()) {
    problems.push(...(await checkVersions(store, name, note)));
    problems.push(...(await checkAliases(store, name, note).catch(unreadableIn(`models/${name}/`))));
  }
  return problems;
}

async function checkVersions(
  store: Store,
  name: string,
  note: (text: string) => void,
): Promise<StoreProblem[]> {
  const key = numbersKey(name);
  // First the versions: what is numbered meanwhile is no stranger.
  const there = await listNumbers(store, name);
  const found = await store.readVersioned(key);
  if (found === undefined) {
    return there.length > 0 ? [{ kind: 'missing', key, what: `${name} has versions and no numbers` }] : [];
  }
  const numbers = modelNumbersSchema.safeParse(jsonOf(found.bytes));
  if (!numbers.success) {
    // Numbers that began at 1 again would give a new run the name of an old version.
    const what = 'it cannot be read: bring it back from a backup, and do not remove it';
    return [{ kind: 'unreadable', key, what }];
  }
  const { runs } = numbers.data;
  const problems: StoreProblem[] = [];
  if (new Set(runs).size !== runs.length) {
    problems.push({ kind: 'unexplained', key, what: 'a run has two numbers' });
  }
  for (const version of there) {
    const own = versionKey(name, version);
    const bytes = await store.readVersioned(own);
    const parsed = modelVersionSchema.safeParse(bytes && jsonOf(bytes.bytes));
    if (!parsed.success) {
      problems.push({ kind: 'unreadable', key: own, what: 'it is no version of this version of Drover' });
    } else if (![parsed.data.lineage.run, numberedAs(parsed.data)].includes(runs[version - 1] ?? '')) {
      problems.push({ kind: 'unexplained', key: own, what: `${key} has another run at this number` });
    }
  }
  const reserved = runs.length - there.filter((version) => version <= runs.length).length;
  if (reserved > 0) {
    note(
      `${name}: ${reserved} of ${runs.length} numbers are reserved and have no version: being registered, or given up.`,
    );
  }
  return problems;
}

async function checkAliases(
  store: Store,
  name: string,
  note: (text: string) => void,
): Promise<StoreProblem[]> {
  // The aliases first: a promotion is written before it moves one.
  const aliases = await listAliases(store, name);
  const numbers = new Set(await listNumbers(store, name));
  const promotions = new Map((await listPromotions(store, name)).map((record) => [record.id, record]));
  const problems: StoreProblem[] = [];
  for (const { alias } of aliases) {
    const key = `models/${name}/aliases/${alias.alias}.json`;
    const seen = new Set<string>();
    if (alias.removed !== true && !numbers.has(alias.version)) {
      problems.push({ kind: 'missing', key, what: `it names version ${alias.version}, which is not there` });
    }
    if (alias.history.at(-1)?.version !== alias.version) {
      problems.push({ kind: 'unexplained', key, what: 'its last step led to another version' });
    }
    for (const { promotion, version, at } of alias.history) {
      if (promotion === undefined) continue;
      if (seen.has(promotion)) {
        problems.push({ kind: 'unexplained', key, what: `the promotion ${promotion} moved it twice` });
      }
      seen.add(promotion);
      const record = promotions.get(promotion);
      if (record === undefined) {
        problems.push({ kind: 'missing', key, what: `no record of the promotion ${promotion} of ${at}` });
      } else if (record.version !== version) {
        problems.push({
          ...{ kind: 'unexplained', key },
          what: `the promotion ${promotion} was of version ${record.version}, and moved it to ${version}`,
        });
      }
    }
    if (alias.alias === championAlias) noteChampion(name, { alias }, note);
  }
  return problems;
}

function noteChampion(
  name: string,
  { alias }: Pick<FoundAlias, 'alias'>,
  note: (text: string) => void,
): void {
  const byOthers = alias.history.filter(({ promotion }) => promotion === undefined).length;
  const steps = alias.history.length;
  note(
    `${name}: the champion is version ${alias.version} after ${steps} ${steps === 1 ? 'step' : 'steps'}, ` +
      `of which ${byOthers} by rolling back or before promotions were recorded.`,
  );
}

/** Of documents that are read together: what is wrong with one is said, and the check goes on. */
function unreadableIn(key: string): (error: unknown) => StoreProblem[] {
  return (error) => {
    if (error instanceof Failure || !(error instanceof Error)) throw error;
    return [{ kind: 'unreadable', key, what: error.message }];
  };
}

/** undefined where it is cut off, or no JSON at all. */
function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
