import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection, type ConnectionOptions } from '@temporalio/client';
import { Failure } from '../../contracts/failures';
import type { Settings } from '../../contracts/schemas/settings';

/**
 * A client of the server that the settings name. Where that is Drover's own, the address is all there is;
 * another's security (mTLS, API key) comes from Temporal's own profile and `TEMPORAL_*` variables.
 *
 * @throws Failure `temporal-unavailable` where nothing answers within `timeout` milliseconds.
 */
export async function connect(settings: Settings, timeout = 5000): Promise<Client> {
  const { address, namespace } = settings.temporal;
  try {
    const connection = await Connection.connect({
      ...(await connectionOptions(settings)),
      connectTimeout: timeout,
    });
    return new Client({ connection, namespace });
  } catch (error) {
    const what = settings.temporal.development
      ? 'Start it with `npm start`.'
      : 'TEMPORAL_ADDRESS says where it is; is it running, and can it be reached from here?';
    throw new Failure('temporal-unavailable', `No Temporal server answers at ${address}. ${what}`, {
      cause: error,
    });
  }
}

async function connectionOptions(settings: Settings): Promise<ConnectionOptions> {
  if (settings.temporal.development) return { address: settings.temporal.address };
  const { loadClientConnectConfig } = await import('@temporalio/envconfig');
  return { ...loadClientConnectConfig().connectionOptions, address: settings.temporal.address };
}

/** Waits until the server answers for the namespace; it may be starting. */
export async function connectWhenReady(
  settings: Settings,
  signal: AbortSignal,
  patience = 60_000,
): Promise<Client> {
  const deadline = Date.now() + patience;
  for (;;) {
    signal.throwIfAborted();
    try {
      const client = await connect(settings, 2000);
      try {
        await client.workflowService.describeNamespace({ namespace: settings.temporal.namespace });
        return client;
      } catch (error) {
        await client.connection.close();
        throw error;
      }
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(150, undefined, { signal });
    }
  }
}
