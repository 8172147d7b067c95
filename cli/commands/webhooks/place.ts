import type { Settings } from '../../../contracts/schemas/settings';
import type { Webhook } from '../../../contracts/schemas/webhooks';
import { openStore } from '../../../lib/storage/open-store';
import type { Store } from '../../../lib/storage/store';
import { readWebhooks } from '../../../lib/webhooks/read-webhooks';
import { type Outside, type SettingFlags, settingsOf } from '../../settings';

export interface JsonFlags extends SettingFlags {
  readonly json?: boolean;
}

/** What every command about webhooks begins with. @throws Failure `configuration-invalid` */
export async function openWebhooks(
  flags: SettingFlags,
  outside: Outside,
): Promise<{ readonly settings: Settings; readonly store: Store; readonly webhooks: readonly Webhook[] }> {
  const settings = settingsOf(flags, outside);
  const store = openStore(settings.store, { gcsEndpoint: settings.gcsEndpoint });
  return { settings, store, webhooks: await readWebhooks({ project: settings.project, store }) };
}

/** For people: where it goes, with nothing that is secret. */
export function placeOf(webhook: Webhook): string {
  switch (webhook.format) {
    case 'drover':
      return new URL(webhook.url).host;
    case 'slack':
      return `the address in DROVER_SECRET_${webhook.url_secret}`;
    case 'github':
      return `${new URL(webhook.api).host} ${webhook.repository}`;
    case 'email':
      return `${webhook.to.join(', ')} by ${webhook.server}`;
  }
}
