import { parentPort, workerData } from 'node:worker_threads';
import { createLogger } from '../../lib/logging/logger';
import { SpoolCounts } from '../../lib/predictions/counts';
import { startShipper } from '../../lib/predictions/ship';
import { openStore } from '../../lib/storage/open-store';
import type { ShippingStart } from './messages';

/** The shipping thread: `shipping-thread.ts` is the other end, and sends it one message, to end. */
const { folder, counts, settings, keepDays } = workerData as ShippingStart;
const shipper = startShipper({
  ...{ folder, keepDays },
  counts: new SpoolCounts(counts),
  store: openStore(settings.store, { gcsEndpoint: settings.gcsEndpoint }),
  logger: createLogger({ level: settings.logLevel, service: 'api' }),
});

parentPort?.once('message', () => void shipper.close().then(() => parentPort?.close()));
