import { Failure } from '../../contracts/failures';
import type { Webhook } from '../../contracts/schemas/webhooks';
import type { ConfigurationPlaces } from '../configuration/files';
import { resolveConfiguration } from '../configuration/resolve';

/**
 * The project's `configs/webhooks.yaml`; none where there is no such file.
 *
 * @throws Failure `configuration-invalid`, with every problem on a line of its own
 */
export async function readWebhooks(places: ConfigurationPlaces): Promise<readonly Webhook[]> {
  try {
    return (await resolveConfiguration('webhooks', undefined, places)).config.webhooks;
  } catch (error) {
    if (error instanceof Failure && error.type === 'not-found') return [];
    throw error;
  }
}
