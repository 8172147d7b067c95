import type { PreparedRef } from '../../contracts/refs';
import type { SweepConfig } from '../../contracts/schemas/sweep';
import type { Store } from '../storage/store';
import { picturesOf } from './pictures-of';
import { readSweepRecord } from './sweep-records';

/**
 * Of the sweeps that `warm_start` names, those that looked at other pictures than this one will: another dataset, another
 * version, or prepared otherwise. Their trials may still teach something, so it is told and not refused.
 *
 * @param prepared - What this sweep stands on.
 * @returns a sentence for each.
 */
export async function otherPictures(
  store: Store,
  { warm_start: sweeps = [] }: Pick<SweepConfig, 'warm_start'>,
  prepared: PreparedRef,
): Promise<string[]> {
  const warnings: string[] = [];
  for (const sweep of sweeps) {
    const record = await readSweepRecord(store, sweep);
    if (record === undefined || record.prepared.sha256 === prepared.sha256) continue;
    const [theirs, ours] = [await picturesOf(store, record.prepared), await picturesOf(store, prepared)];
    if (theirs === ours) continue;
    warnings.push(
      `warm_start: ${sweep} looked at ${theirs}, and this sweep looks at ${ours}; what was good there may not be good here.`,
    );
  }
  return warnings;
}
