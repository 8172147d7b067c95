import type { Store } from '../storage/store';
import { readFormat, recordFormat, storeFormat } from '../storage/store-format';
import { datasetHistories } from './dataset-histories';
import type { Migration } from './migration';

const migrations: readonly Migration[] = [datasetHistories];

export interface MigrationReport {
  /** Undefined: the store is empty. */
  readonly from: number | undefined;
  readonly to: number;
  /** What was done; in a dry run, what would be. */
  readonly steps: readonly string[];
  readonly dryRun: boolean;
}

/**
 * Brings a store to this version's format, step by step. Killed at any moment, the next one goes on; the format is written down last.
 *
 * @throws Failure `store-too-new`, `storage-unavailable`, `digest-mismatch` where a manifest is not whole
 */
export async function migrateStore(
  store: Store,
  {
    dryRun = false,
    now = new Date(),
    onStep,
  }: { dryRun?: boolean; now?: Date; onStep?: (what: string) => void } = {},
): Promise<MigrationReport> {
  const from = await readFormat(store);
  const steps: string[] = [];
  for (const migration of migrations) {
    if (from === undefined || migration.from < from) continue;
    for (const { what, run } of await migration.plan(store)) {
      if (!dryRun) await run(now);
      steps.push(what);
      onStep?.(what);
    }
  }
  if (!dryRun && from !== undefined && from < storeFormat) await recordFormat(store, now);
  return { from, to: storeFormat, steps, dryRun };
}
