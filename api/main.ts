import { join } from 'node:path';
import { Registry } from 'prom-client';
import type { Settings } from '../contracts/schemas/settings';
import type { Logger } from '../lib/logging/logger';
import { openStore } from '../lib/storage/open-store';
import { type AppDependencies, createApp } from './app';
import { createLatestLook } from './drift/latest-look';
import { createEngine } from './engine/engine';
import { createPictureFetcher } from './guard/fetch-picture';
import { createGuard } from './guard/guard';
import { letHeapsGrow } from './heap';
import { startKeeping } from './keeping';
import { followModels } from './models/follow-models';
import { createModelReader } from './models-page/read-models';
import { startServer } from './server';
import { createTraces } from './traces';

interface ApiProcess {
  readonly settings: Settings;
  readonly logger: Logger;
  /** Ends the process's work in good order. */
  readonly signal: AbortSignal;
  /** Told once requests are taken; whether there is a model to answer them is another matter (`/readyz`). */
  readonly onReady?: (port: number) => void;
}

/**
 * Serves the champion over HTTP until `signal` is aborted: then the requests under way end first.
 *
 * @throws Failure `start-refused` where the port is in use or not allowed; `path-refused` for a store's place;
 *   `configuration-invalid` where the file of API keys cannot be read.
 */
export async function runApi({ settings, logger, signal, onReady }: ApiProcess): Promise<void> {
  if (signal.aborted) return;
  letHeapsGrow();
  const guard = await createGuard({ settings: settings.guard, logger });
  const traces = await createTraces(settings.traces, logger);
  const store = openStore(settings.store, { gcsEndpoint: settings.gcsEndpoint });
  const keeping = startKeeping({ settings, logger });
  const engine = createEngine({
    logger,
    threads: settings.api.inferenceThreads,
    start: { spool: keeping?.threads, graphs: join(settings.home, 'serving', 'graphs') },
  });
  const metrics = new Registry();
  const models = followModels({ settings, store, engine, metrics, logger });
  try {
    const { host, port, maxUploadBytes, maxRequests, deadlineMs } = settings.api;
    const server = await startServer({
      app: createApp({
        models,
        engine,
        keeping,
        guard,
        traces,
        ...pictureFetching(settings),
        metrics,
        registry: createModelReader({ store }),
        drift: createLatestLook({ store, model: settings.model, logger }),
        logger,
        limits: { maxUploadBytes, maxRequests, deadlineMs },
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
    await engine.close();
    await keeping?.close();
    await traces.close();
  }
}

function pictureFetching({ guard, sources, api }: Settings): Pick<AppDependencies, 'fetchPicture'> {
  if (guard.urlHosts.length === 0) return {};
  const { allowedHosts: privateHosts } = sources;
  return {
    fetchPicture: createPictureFetcher({ hosts: guard.urlHosts, privateHosts, maxBytes: api.maxUploadBytes }),
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
