import { z } from 'zod';
import type { PreparedRef } from '../../contracts/refs';
import { preparedIndexSchema } from '../../contracts/schemas/documents';
import { readJson } from '../storage/refs';
import type { Store } from '../storage/store';

/** What a prepared set was made of, without the columns of its pictures. */
const madeOfSchema = z.object({
  dataset: preparedIndexSchema.shape.dataset,
  preprocessing: preparedIndexSchema.shape.preprocessing,
});

/** `pets, version 0f3a1b2c4d5e, 48 × 48, grey, contain`; where the set is gone or can't be read, its place and digest. */
export async function picturesOf(store: Store, ref: PreparedRef): Promise<string> {
  const index = await readJson(store, ref, madeOfSchema).catch(() => undefined);
  if (index === undefined) return `${ref.uri}, ${ref.sha256.slice(0, 12)}, which this store does not have`;
  const { dataset, preprocessing } = index;
  const { size, color, fit } = preprocessing;
  return `${dataset.name}, version ${dataset.manifest.sha256.slice(0, 12)}, ${size} × ${size}, ${color}, ${fit}`;
}
