import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { createLogger } from '../../lib/logging/logger';
import { SpoolCounts } from '../../lib/predictions/counts';
import { startShipper } from '../../lib/predictions/ship';
import { openStore } from '../../lib/storage/open-store';
import type { ShippingStart } from './messages';

/** The shipping thread: `shipping-thread.ts` is the other end, and sends it one message, to end. */
const { folder, counts, settings, keepDays } = workerData as ShippingStart;

// Linux takes it for this thread alone, other systems for the whole process: who asks for an answer goes first.
if (process.platform === 'linux') setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

const shipper = startShipper({
  ...{ folder, keepDays },
  counts: new SpoolCounts(counts),
  store: openStore(settings.store, { gcsEndpoint: settings.gcsEndpoint }),
  logger: createLogger({ level: settings.logLevel, service: 'api' }),
});

parentPort?.once('message', () => void shipper.close().then(() => parentPort?.close()));
