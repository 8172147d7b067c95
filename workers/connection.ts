import { setTimeout as sleep } from 'node:timers/promises';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection } from '@temporalio/worker';
import type { Settings } from '../contracts/schemas/settings';
import type { Logger } from '../lib/logging/logger';

const pauseMs = 1000;

/**
 * Connects to Temporal, waiting for as long as the server is not there. Where the server is not Drover's
 * own, Temporal's profiles and the environment's `TEMPORAL_*` variables give TLS and API key.
 */
export async function connect(
  { temporal }: Settings,
  environment: Readonly<Record<string, string | undefined>>,
  logger: Logger,
  signal: AbortSignal,
): Promise<NativeConnection> {
  const options = temporal.development
    ? { address: temporal.address }
    : loadClientConnectConfig({ overrideEnvVars: setOf(environment) }).connectionOptions;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await NativeConnection.connect(options);
    } catch (error) {
      signal.throwIfAborted();
      if (attempt % 10 === 1)
        logger.warn('Temporal does not answer yet', { address: temporal.address, error });
      await sleep(pauseMs, undefined, { signal });
    }
  }
}

function setOf(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const set: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) if (value !== undefined) set[name] = value;
  return set;
}
