import { z } from 'zod';
import type { PreparedRef } from '../../contracts/refs';
import { preparedIndexSchema } from '../../contracts/schemas/documents';
import type { SweepConfig } from '../../contracts/schemas/sweep';
import { readJson } from '../storage/refs';
import type { Store } from '../storage/store';
import { readSweepRecord } from './sweep-records';

/** What a prepared set was made of, without the columns of its pictures. */
const madeOfSchema = z.object({
  dataset: preparedIndexSchema.shape.dataset,
  preprocessing: preparedIndexSchema.shape.preprocessing,
});

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

/** `pets, version 0f3a1b2c4d5e, 48 × 48, grey, contain`; where the set is gone or can't be read, its place and digest. */
async function picturesOf(store: Store, ref: PreparedRef): Promise<string> {
  const index = await readJson(store, ref, madeOfSchema).catch(() => undefined);
  if (index === undefined) return `${ref.uri}, ${ref.sha256.slice(0, 12)}, which the store no longer has`;
  const { dataset, preprocessing } = index;
  const { size, color, fit } = preprocessing;
  return `${dataset.name}, version ${dataset.manifest.sha256.slice(0, 12)}, ${size} × ${size}, ${color}, ${fit}`;
}
