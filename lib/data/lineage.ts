import { z } from 'zod';
import type { PreparedRef } from '../../contracts/refs';
import type { DatasetVersionEntry } from '../../contracts/schemas/dataset';
import { preparedIndexSchema, refSchema } from '../../contracts/schemas/documents';
import type { ModelVersion } from '../../contracts/schemas/registry';
import type { Preprocessing } from '../../contracts/schemas/preprocessing';
import { storeUri } from '../../contracts/refs';
import { parseDocument, sha256 } from '../storage/refs';
import type { Store } from '../storage/store';
import { mapConcurrently } from './concurrently';
import { readHistory } from './history';

const readsAtOnce = 8;

/** A dataset version's prepared sets, and what was trained on each. */
export interface PreparedLineage {
  readonly prepared: PreparedRef;
  readonly preprocessing: Preprocessing;
  readonly pictures: number;
  /** Of the runs that have finished, by name. */
  readonly runs: readonly string[];
}

/** Where a dataset version comes from, and what came of it. */
export interface Lineage {
  readonly name: string;
  readonly entry: DatasetVersionEntry;
  /** The dataset's versions before this one, newest first. */
  readonly earlier: readonly DatasetVersionEntry[];
  readonly prepared: readonly PreparedLineage[];
  readonly models: readonly ModelVersion[];
}

/** Of a run's result only what lineage needs, so that a result of another version of Drover can be read, too. */
const trainedSchema = z.object({ run: z.string(), prepared: refSchema<'prepared'>() });

/** A finished run, and the prepared set that it was trained on. */
export type TrainedRun = z.infer<typeof trainedSchema>;

/** Keys of a store under a prefix that match. */
export async function keysUnder(store: Store, prefix: string, pattern: RegExp): Promise<string[]> {
  const keys: string[] = [];
  for await (const key of store.list(prefix)) if (pattern.test(key)) keys.push(key);
  return keys.sort();
}

/** @throws Error where a result names no prepared set; what the store throws */
export async function readTrainedRuns(store: Store): Promise<TrainedRun[]> {
  const keys = await keysUnder(store, 'runs/', /^runs\/[^/]+\/result\.json$/);
  return mapConcurrently(keys, readsAtOnce, async (key) =>
    parseDocument(await store.read(key), trainedSchema, key),
  );
}

/**
 * Follows a dataset version both ways: to its source and the versions before it, and to all that was made of it.
 *
 * @param models - every registered model's versions
 * @throws what the store throws; Error where a document is of another version of Drover
 */
export async function lineageOf(
  store: Store,
  name: string,
  entry: DatasetVersionEntry,
  models: readonly ModelVersion[],
): Promise<Lineage> {
  const history = await readHistory(store, name);
  const at = history.findLastIndex(({ version, at }) => version === entry.version && at === entry.at);
  const runs = await readTrainedRuns(store);
  const indexes = await keysUnder(store, 'prepared/', /^prepared\/[0-9a-f]{64}\/index\.json$/);
  const prepared = await mapConcurrently(indexes, readsAtOnce, async (key): Promise<PreparedLineage[]> => {
    const bytes = await store.read(key);
    // Most are of other versions, and an index of a large set takes a while to parse.
    if (!bytes.includes(entry.version)) return [];
    const index = parseDocument(bytes, preparedIndexSchema, key);
    if (index.dataset.manifest.sha256 !== entry.version || index.dataset.name !== name) return [];
    const digest = sha256(bytes);
    return [
      {
        prepared: { uri: storeUri(key), sha256: digest },
        preprocessing: index.preprocessing,
        pictures: index.pictures.length,
        runs: runs.filter((run) => run.prepared.sha256 === digest).map(({ run }) => run),
      },
    ];
  });
  return {
    ...{ name, entry },
    earlier: history.slice(0, Math.max(0, at)).reverse(),
    prepared: prepared.flat(),
    models: models.filter(({ lineage }) => lineage.manifest.uri === entry.manifest.uri),
  };
}
