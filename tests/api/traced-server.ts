import { createApp } from '../../api/app';
import { startServer } from '../../api/server';
import { createTraces } from '../../api/traces';
import { createLogger } from '../../lib/logging/logger';
import { colorModel } from './color-model';
import { openServedRegistry } from './served';

/**
 * Serves with traces that go to the collector of the first argument, until standard input closes. A process of its own: the exporter brings in
 * Node's own modules in a way that Jest's modules don't have.
 */
async function main(endpoint: string | undefined): Promise<void> {
  const served = await openServedRegistry();
  await served.register(colorModel(), ['red', 'green', 'blue']);
  await served.promote(1);
  const models = served.follow();
  await models.check();
  const logger = createLogger({ level: 'debug', service: 'api' });
  const traces = await createTraces(
    endpoint === undefined ? undefined : { endpoint, service: 'pictures' },
    logger,
  );
  const app = createApp({ models, logger, traces, limits: { maxUploadBytes: 20_000 } });
  const server = await startServer({ app, host: '127.0.0.1', port: 0, logger });
  logger.info('listening', { port: server.port });
  await new Promise((resolve) => process.stdin.once('end', resolve).resume());
  await server.close();
  await traces.close();
  await served.close();
}

void main(process.argv[2]);
