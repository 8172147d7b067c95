import { Worker } from 'node:worker_threads';
import type { Logger } from '../../lib/logging/logger';
import { threadEntry } from '../thread-entry';
import type { ShippingStart } from './messages';

export interface ShippingThread {
  /** Ships what the spool holds, as far as the store lets it within some seconds, and ends. To be called when all writers are closed. */
  close(): Promise<void>;
}

/** A process that starts has better things to do. */
const firstMs = 2_000;
/** After it ended by itself, before the next one. */
const againMs = 5_000;
/** Longer than the shipper itself tries. */
const endMs = 8_000;

/**
 * Ships kept predictions on a thread of its own. A batch is megabytes that are read, joined and written at once: on the thread that speaks
 * HTTP it held up every request, more by the garbage collections that it set off than by its work.
 */
export function startShippingThread(start: ShippingStart, logger: Logger): ShippingThread {
  let worker: Worker | undefined;
  let closed = false;
  let ended: Promise<void> = Promise.resolve();
  let timer = setTimeout(begin, firstMs).unref();

  function begin(): void {
    const { file, eval: isCode } = threadEntry(__dirname, 'thread-main');
    const begun = new Worker(file, { eval: isCode, name: 'shipping', workerData: start });
    worker = begun;
    begun.on('error', (error) => logger.error('the thread that ships predictions failed', { error }));
    ended = new Promise((resolve) => {
      begun.once('exit', () => {
        worker = undefined;
        if (!closed) timer = setTimeout(begin, againMs).unref();
        resolve();
      });
    });
  }

  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      if (worker === undefined) begin();
      worker?.postMessage('end');
      const late = setTimeout(() => void worker?.terminate(), endMs);
      await ended;
      clearTimeout(late);
    },
  };
}
