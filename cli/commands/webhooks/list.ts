import { listDeliveries } from '../../../lib/webhooks/deliveries';
import { sentenceOf } from '../../../lib/webhooks/message';
import type { Console } from '../../display/console';
import { minute, plainText } from '../../display/dataset';
import { table } from '../../display/table';
import type { Outside } from '../../settings';
import { openWebhooks, placeOf, type JsonFlags } from './place';

/** Of the deliveries, so many of the newest. */
const shownDeliveries = 20;

/** Who is told of what, and what became of the last deliveries. */
export async function listWebhooks(flags: JsonFlags, outside: Outside, out: Console): Promise<void> {
  const { webhooks, store } = await openWebhooks(flags, outside);
  const deliveries = await listDeliveries(store);
  if (flags.json === true) {
    const told = webhooks.map(({ name, format, events, models }) => ({
      ...{ name, format, events, models: models ?? null },
    }));
    out.say(JSON.stringify({ webhooks: told, deliveries }, null, 2));
    return;
  }
  const { dim, green, red, yellow } = out.colours;
  if (webhooks.length === 0) {
    out.say('Nobody is told of changes: there is no configs/webhooks.yaml. See docs/guides/registry.md.');
  } else {
    const [header, ...rows] = table(
      ['webhook', 'format', 'to', 'events', 'models'],
      webhooks.map((webhook) => [
        webhook.name,
        webhook.format,
        placeOf(webhook),
        webhook.events.join(', '),
        webhook.models?.join(', ') ?? 'all',
      ]),
    );
    out.say(dim(header ?? ''));
    for (const row of rows) out.say(row);
  }
  if (deliveries.length === 0) return;
  out.say();
  const shown = deliveries.slice(0, shownDeliveries);
  const [header, ...rows] = table(
    ['when', 'webhook', 'state', 'tries', 'what'],
    shown.map(({ attempts, webhook, state, event }) => [
      minute(attempts.at(-1)?.at ?? event.at),
      webhook,
      state,
      String(attempts.length),
      plainText(sentenceOf(event)) +
        (state === 'delivered' ? '' : ` (${plainText(attempts.at(-1)?.problem ?? '')})`),
    ]),
    new Set([3]),
  );
  const colour = { delivered: green, trying: yellow, failed: red };
  out.say(dim(header ?? ''));
  rows.forEach((row, at) => out.say(colour[shown[at]?.state ?? 'trying'](row)));
}
