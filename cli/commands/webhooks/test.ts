import { Failure } from '../../../contracts/failures';
import { didYouMean } from '../../../contracts/schemas/nearest';
import { readSourceSecrets } from '../../../contracts/schemas/source-secrets';
import type { RegistryEvent, Webhook } from '../../../contracts/schemas/webhooks';
import { createNetwork } from '../../../lib/network/network';
import { deliver, giveUp } from '../../../lib/webhooks/deliver';
import type { Console } from '../../display/console';
import { modelName } from '../../model-name';
import { type Outside, environmentWith } from '../../settings';
import { whoAsks } from '../../who';
import { openWebhooks, placeOf, type JsonFlags } from './place';

/**
 * Tells one webhook, or each, that this is a test: from this machine, with the secrets of this environment.
 *
 * @throws Failure `not-found`; that of the first webhook that did not take it
 */
export async function testWebhooks(
  name: string | undefined,
  flags: JsonFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  const { settings, store, webhooks } = await openWebhooks(flags, outside);
  const environment = environmentWith(flags, outside.environment);
  const { allowedHosts } = settings.sources;
  const { secrets } = readSourceSecrets(environment);
  const sending = { network: createNetwork({ allowedHosts }), allowedHosts, secrets, now: Date.now };
  const event: RegistryEvent = {
    id: `test.${Date.now()}`,
    kind: 'test',
    at: new Date().toISOString(),
    model: await modelName(settings, environment),
    version: 1,
    by: whoAsks(environment),
  };
  const results: { webhook: string; status: number | null; problem: string | null }[] = [];
  let first: Failure | undefined;
  for (const webhook of wished(name, webhooks)) {
    try {
      const { attempts } = await deliver(store, webhook, event, sending);
      const status = attempts.at(-1)?.status ?? null;
      results.push({ webhook: webhook.name, status, problem: null });
      if (flags.json !== true)
        out.say(out.colours.green(`✓ ${webhook.name}: ${placeOf(webhook)} answered ${status ?? ''}`));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      // Nobody comes back to a test.
      await giveUp(store, webhook.name, event);
      const problem = error.message.replace(/; it is tried again\.$/, '.');
      first ??= new Failure(error.type, `${webhook.name}: ${problem}`);
      results.push({ webhook: webhook.name, status: null, problem });
      if (flags.json !== true) out.say(out.colours.red(`✗ ${webhook.name}: ${problem}`));
    }
  }
  if (flags.json === true) out.say(JSON.stringify(results, null, 2));
  if (first !== undefined) throw first;
}

function wished(name: string | undefined, webhooks: readonly Webhook[]): readonly Webhook[] {
  if (webhooks.length === 0) {
    throw new Failure(
      'not-found',
      'There is no webhook: list them in configs/webhooks.yaml. See docs/guides/registry.md.',
    );
  }
  if (name === undefined) return webhooks;
  const found = webhooks.filter((webhook) => webhook.name === name);
  if (found.length > 0) return found;
  const names = webhooks.map((webhook) => webhook.name);
  throw new Failure('not-found', `There is no webhook ${JSON.stringify(name)}${didYouMean(name, names)}`);
}
