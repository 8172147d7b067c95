import { promotionRecordSchema, type PromotionRecord } from '../../contracts/schemas/promotion';
import { canonicalJson } from '../storage/canonical-json';
import { parseDocument } from '../storage/refs';
import type { Store } from '../storage/store';
import { parsePromotionKey, promotionKey, promotionsPrefix } from './keys';

/** Writes a promotion's record in place of what it was before. Its workflow alone does, one write after the other. */
export async function writePromotion(store: Store, record: PromotionRecord): Promise<void> {
  await store.write(promotionKey(record.model, record.id), Buffer.from(canonicalJson(record)));
}

/** @throws Failure `not-found` */
export async function readPromotion(store: Store, model: string, id: string): Promise<PromotionRecord> {
  const key = promotionKey(model, id);
  return parseDocument(await store.read(key), promotionRecordSchema, key);
}

/** A model's promotions, the newest first. */
export async function listPromotions(store: Store, model: string): Promise<PromotionRecord[]> {
  const ids: string[] = [];
  for await (const key of store.list(promotionsPrefix(model))) {
    const id = parsePromotionKey(key);
    if (id !== undefined) ids.push(id);
  }
  const records: PromotionRecord[] = [];
  // In turn: a model may have had thousands.
  for (const id of ids) records.push(await readPromotion(store, model, id));
  return records.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
}
