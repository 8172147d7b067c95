import { Failure } from '../../contracts/failures';
import { findingSchema, type DatasetVersionEntry, type Finding } from '../../contracts/schemas/dataset';
import { didYouMean } from '../../contracts/schemas/nearest';
import { nameSchema } from '../../contracts/schemas/pipeline';
import { decodeLines } from '../storage/json-lines';
import type { Store } from '../storage/store';
import { listDatasets, readHistory } from './history';
import { datasetFolder } from './manifest';

/** A dataset version as a person names it: `pets`, `pets@4f2a`, `pets@latest~1`. */
export interface VersionWish {
  readonly name: string;
  /** `latest`, `latest~2`, or the beginning of a version. */
  readonly version: string;
}

/** One version of a dataset, found. */
export interface FoundVersion {
  readonly name: string;
  readonly entry: DatasetVersionEntry;
  /** All of the dataset's versions, oldest first. */
  readonly history: readonly DatasetVersionEntry[];
}

/** As many digits as tell one version from another in all but the largest stores, and are still read aloud. */
export const shortVersion = (version: string): string => version.slice(0, 12);

const fewestDigits = 4;

/** Parts `name@version`; without a version the latest is meant. An empty name is left to the caller. */
export function readVersionWish(text: string): VersionWish {
  const at = text.indexOf('@');
  if (at === -1) return { name: text, version: 'latest' };
  return { name: text.slice(0, at), version: text.slice(at + 1) };
}

/**
 * The version that a person means.
 *
 * @throws Failure `not-found` where there is no such dataset or version, with the nearest one;
 *   `request-invalid` where several versions begin so, or what stands after the `@` is none
 */
export async function findVersion(store: Store, { name, version }: VersionWish): Promise<FoundVersion> {
  const history = await requireHistory(store, name);
  return { name, history, entry: entryOf(name, history, version) };
}

/**
 * A dataset's versions, oldest first; at least one.
 *
 * @throws Failure `not-found`, with the name that was probably meant
 */
export async function requireHistory(store: Store, name: string): Promise<readonly DatasetVersionEntry[]> {
  const history = nameSchema.safeParse(name).success ? await readHistory(store, name) : [];
  if (history.length > 0) return history;
  const names = await listDatasets(store);
  const found = `There is no dataset ${JSON.stringify(name.slice(0, 100))} in ${store.location}`;
  throw new Failure(
    'not-found',
    names.length > 0
      ? `${found}${didYouMean(name, names)}`
      : `${found}; there is none at all. Take one in: npx drover data ingest ./photos`,
  );
}

function entryOf(name: string, history: readonly DatasetVersionEntry[], wished: string): DatasetVersionEntry {
  const relative = /^latest(?:~(\d{1,6}))?$/.exec(wished);
  if (relative) {
    const back = Number(relative[1] ?? 0);
    const entry = history.at(-1 - back);
    if (entry !== undefined) return entry;
    throw new Failure(
      'not-found',
      `${name} has ${history.length === 1 ? 'one version' : `${history.length} versions`}, so there is no latest~${back}.`,
    );
  }
  const digits = wished.toLowerCase();
  if (!/^[0-9a-f]{1,64}$/.test(digits) || digits.length < fewestDigits) {
    throw new Failure(
      'request-invalid',
      `After ${name}@ a version was expected: its first digits (0-9, a-f; ${fewestDigits} at least), latest, or ` +
        `latest~1 for the one before. The latest is ${shortVersion(history.at(-1)?.version ?? '')}.`,
    );
  }
  const found = new Map(
    history.filter(({ version }) => version.startsWith(digits)).map((entry) => [entry.version, entry]),
  );
  const [entry, second] = [...found.values()];
  if (entry !== undefined && second === undefined) return entry;
  const shown = (versions: readonly string[]): string => [...new Set(versions)].map(shortVersion).join(', ');
  if (entry === undefined) {
    const newest = shown(history.slice(-5).map(({ version }) => version));
    throw new Failure(
      'not-found',
      `${name} has no version that begins with ${digits}. Its newest: ${newest}.`,
    );
  }
  throw new Failure(
    'request-invalid',
    `${found.size} versions of ${name} begin with ${digits}: ${shown([...found.keys()])}. Give more digits.`,
  );
}

/** What was found when a version was made; undefined where that was before findings were kept. */
export async function readFindings(
  store: Store,
  name: string,
  version: string,
): Promise<Finding[] | undefined> {
  const key = `${datasetFolder(name, version)}/findings.jsonl`;
  const found = await store.readVersioned(key);
  return found && decodeLines(found.bytes, findingSchema, key);
}
