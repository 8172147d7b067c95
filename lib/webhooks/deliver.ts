import { Failure } from '../../contracts/failures';
import type { Delivery, RegistryEvent, Webhook } from '../../contracts/schemas/webhooks';
import type { Store } from '../storage/store';
import { deliveryId, readDelivery, writeDelivery } from './deliveries';
import { send, WebhookAnswer } from './send';
import type { Sending } from './sending';

/**
 * Tells one webhook of one event, unless it was told, and keeps the attempt, whatever came of it.
 *
 * @throws Failure as {@link send}, once the attempt is kept
 */
export async function deliver(
  store: Store,
  webhook: Webhook,
  event: RegistryEvent,
  sending: Sending,
): Promise<Delivery> {
  const before = await recordOf(store, webhook.name, event);
  if (before.state === 'delivered') return before;
  const at = new Date(sending.now()).toISOString();
  try {
    const { status } = await send(webhook, event, sending);
    const delivery: Delivery = {
      ...before,
      state: 'delivered',
      attempts: [...before.attempts, { at, status }],
    };
    await writeDelivery(store, delivery);
    return delivery;
  } catch (error) {
    // Of a stop of the worker there is nothing to say: it is tried again.
    sending.signal?.throwIfAborted();
    if (!(error instanceof Failure)) throw error;
    const status = error instanceof WebhookAnswer ? { status: error.answered } : {};
    await writeDelivery(store, {
      ...before,
      state: error.retryable ? 'trying' : 'failed',
      attempts: [...before.attempts, { at, ...status, problem: error.message }],
    });
    throw error;
  }
}

/** Notes that a delivery is not tried any more. */
export async function giveUp(store: Store, webhook: string, event: RegistryEvent): Promise<void> {
  const delivery = await recordOf(store, webhook, event);
  if (delivery.state === 'trying') await writeDelivery(store, { ...delivery, state: 'failed' });
}

async function recordOf(store: Store, webhook: string, event: RegistryEvent): Promise<Delivery> {
  const id = deliveryId(event, webhook);
  return (await readDelivery(store, id)) ?? { id, webhook, event, state: 'trying', attempts: [] };
}
