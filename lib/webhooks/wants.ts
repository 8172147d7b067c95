import type { RegistryEvent, Webhook } from '../../contracts/schemas/webhooks';

/** Whether a webhook is to hear of an event; of a test, each is. */
export function wants({ events, models }: Webhook, { kind, model }: RegistryEvent): boolean {
  if (kind === 'test') return true;
  return events.includes(kind) && (models === undefined || models.includes(model));
}
