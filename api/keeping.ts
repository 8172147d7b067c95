import { join } from 'node:path';
import type { Settings } from '../contracts/schemas/settings';
import type { Logger } from '../lib/logging/logger';
import { SpoolCounts } from '../lib/predictions/counts';
import { openSpool, type Spool } from '../lib/predictions/spool';
import type { KeptWhere } from './engine/messages';
import { startShippingThread } from './shipping/shipping-thread';

/** What keeps predictions and feedback, of one process. */
export interface Keeping {
  /** For the inference threads, each of which has a spool of its own. */
  readonly threads: KeptWhere;
  /** The main thread's. */
  readonly spool: Spool;
  readonly counts: SpoolCounts;
  /** To be called when the threads have ended: ships what there is, as far as the store lets it. */
  close(): Promise<void>;
}

interface KeepingOptions {
  readonly settings: Pick<Settings, 'home' | 'predictions' | 'store' | 'gcsEndpoint' | 'logLevel'>;
  readonly logger: Logger;
}

/** Begins to keep what the settings ask for; undefined where that is nothing. */
export function startKeeping({ settings, logger }: KeepingOptions): Keeping | undefined {
  const { keep, share, exif, maxBytes, days } = settings.predictions;
  if (keep === 'off') return undefined;
  const folder = join(settings.home, 'spool');
  const counts = new SpoolCounts();
  const options = { keep, share, exif, maxBytes };
  const spool = openSpool(folder, { ...options, counts });
  const { store, gcsEndpoint, logLevel } = settings;
  const shipping = startShippingThread(
    { folder, counts: counts.shared, settings: { store, gcsEndpoint, logLevel }, keepDays: days },
    logger,
  );
  return {
    threads: { folder, options, counts: counts.shared },
    spool,
    counts,
    async close() {
      spool.close();
      await shipping.close();
    },
  };
}
