import { championAlias } from '../contracts/names';
import type { Settings } from '../contracts/schemas/settings';
import type { Logger } from '../lib/logging/logger';
import { createRegistry } from '../lib/registry/registry';
import { openStore } from '../lib/storage/open-store';
import { createApp } from './app';
import { pinned } from './pinned-version';
import { createModelReader } from './models-page/read-models';
import { followAlias } from './served-model';
import { startServer } from './server';

interface ApiProcess {
  readonly settings: Settings;
  readonly logger: Logger;
  /** Ends the process's work in good order. */
  readonly signal: AbortSignal;
  /** Told once requests are taken; whether there is a model to answer them is another matter (`/readyz`). */
  readonly onReady?: (port: number) => void;
}

/** Between two looks at the alias, in milliseconds. */
const followMs = 2_000;

/**
 * Serves the champion over HTTP until `signal` is aborted: then the requests under way end first.
 *
 * @throws Failure `start-refused` where the port is in use or not allowed; `path-refused` for a store's place.
 */
export async function runApi({ settings, logger, signal, onReady }: ApiProcess): Promise<void> {
  if (signal.aborted) return;
  const store = openStore(settings.store, { gcsEndpoint: settings.gcsEndpoint });
  const models = followAlias({
    store,
    registry: pinned(createRegistry(store), settings.modelVersion),
    name: settings.model,
    alias: championAlias,
    intervalMs: followMs,
    logger,
  });
  try {
    const { host, port, maxUploadBytes, maxRequests } = settings.api;
    const server = await startServer({
      app: createApp({
        models,
        registry: createModelReader({ store }),
        logger,
        limits: { maxUploadBytes, maxRequests },
      }),
      host,
      port,
      logger,
    });
    logger.info('Listening', { host, port: server.port, model: settings.model, store: store.location });
    onReady?.(server.port);
    await aborted(signal);
    await server.close();
    logger.info('Stopped');
  } finally {
    await models.close();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
