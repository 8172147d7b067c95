import { deliverySchema, type Delivery, type RegistryEvent } from '../../contracts/schemas/webhooks';
import { canonicalJson } from '../storage/canonical-json';
import { digestOf, parseDocument } from '../storage/refs';
import type { Store } from '../storage/store';

const prefix = 'webhooks/deliveries/';

/** The same however often one event is told to one webhook: a receiver knows a second arrival by it. */
export function deliveryId(event: RegistryEvent, webhook: string): string {
  return digestOf([event.id, webhook]).slice(0, 32);
}

function keyOf(id: string): string {
  return `${prefix}${id}.json`;
}

/** @returns undefined where it was never tried. */
export async function readDelivery(store: Store, id: string): Promise<Delivery | undefined> {
  const found = await store.readVersioned(keyOf(id));
  return found && parseDocument(found.bytes, deliverySchema, keyOf(id));
}

/** Keeps what became of a delivery so far. Its activity alone does, one attempt after the other. */
export async function writeDelivery(store: Store, delivery: Delivery): Promise<void> {
  await store.write(keyOf(delivery.id), Buffer.from(canonicalJson(delivery)));
}

/** Deliveries, the newest first. */
export async function listDeliveries(store: Store): Promise<Delivery[]> {
  const deliveries: Delivery[] = [];
  for await (const key of store.list(prefix)) {
    const id = /^webhooks\/deliveries\/([0-9a-f]{32})\.json$/.exec(key)?.[1];
    const found = id === undefined ? undefined : await readDelivery(store, id);
    if (found !== undefined) deliveries.push(found);
  }
  const when = ({ attempts, event }: Delivery): string => attempts.at(-1)?.at ?? event.at;
  return deliveries.sort((a, b) => (when(a) < when(b) ? 1 : -1));
}
