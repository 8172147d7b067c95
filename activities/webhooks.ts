import { Failure } from '../contracts/failures';
import { registryEventSchema, type Delivery, type RegistryEvent } from '../contracts/schemas/webhooks';
import type { ConfigurationPlaces } from '../lib/configuration/files';
import type { NetworkRules } from '../lib/data/sources/source';
import { createNetwork, type Network } from '../lib/network/network';
import type { Store } from '../lib/storage/store';
import { deliver, giveUp } from '../lib/webhooks/deliver';
import { readWebhooks } from '../lib/webhooks/read-webhooks';
import { wants } from '../lib/webhooks/wants';
import { withHeartbeat } from './heartbeat';
import { parseInput } from './input';

interface Dependencies {
  readonly store: Store;
  readonly project: string;
  readonly defaults: string;
  readonly sources: { readonly network: NetworkRules };
}

export interface DeliveryWish {
  readonly webhook: string;
  readonly event: unknown;
}

/** Telling others of what happens in the registry. */
export function createWebhookActivities({ store, project, sources }: Dependencies) {
  const places: ConfigurationPlaces = { project, store };
  const { allowedHosts, secrets } = sources.network;
  let network: Network | undefined;

  async function wished({ webhook: name, event: given }: DeliveryWish) {
    const event = readEvent(given);
    const webhook = (await readWebhooks(places)).find((each) => each.name === name);
    if (webhook !== undefined) return { webhook, event };
    throw new Failure('not-found', `There is no webhook ${name} in configs/webhooks.yaml any more.`);
  }

  return {
    /** Names of the webhooks that want to hear of an event. */
    async webhooksFor(given: unknown): Promise<string[]> {
      const event = readEvent(given);
      return (await readWebhooks(places)).filter((webhook) => wants(webhook, event)).map(({ name }) => name);
    },

    /** One attempt, kept in the delivery's record; one that was delivered is not sent again. */
    async deliverWebhook(wish: DeliveryWish): Promise<Delivery['state']> {
      const { webhook, event } = await wished(wish);
      network ??= createNetwork({ allowedHosts });
      const sending = { network, allowedHosts, secrets, now: Date.now };
      return withHeartbeat(async (_onProgress, signal) => {
        const delivery = await deliver(store, webhook, event, { ...sending, signal });
        return delivery.state;
      });
    },

    /** Notes that a delivery is not tried any more. */
    async giveUpWebhook(wish: DeliveryWish): Promise<void> {
      await giveUp(store, wish.webhook, readEvent(wish.event));
    },
  };
}

/** Whoever reaches Temporal can start the workflow with any JSON. */
function readEvent(given: unknown): RegistryEvent {
  return parseInput(registryEventSchema, given, 'notify');
}
