import { Worker } from 'node:worker_threads';
import { threadEntry } from '../thread-entry';
import type { Order, Report, ThreadStart } from './messages';

/** With the usual 16 MB for young objects a thread keeps some 20 MiB more of pictures that were answered, and is no faster. */
const resourceLimits = { maxYoungGenerationSizeMb: 2 };

export interface InferenceThread {
  send(order: Order): void;
  /** Ends it at once, whatever it does. */
  terminate(): Promise<void>;
}

export interface ThreadListener {
  readonly onReport: (report: Report) => void;
  /** Called once: it ended, by itself, by `end`, or for `error`. */
  readonly onEnd: (error: Error | undefined) => void;
}

export type StartThread = (name: string, start: ThreadStart, listener: ThreadListener) => InferenceThread;

/** Starts a thread that decodes and classifies pictures; `thread-main.ts` is the other end. */
export function startThread(
  name: string,
  start: ThreadStart,
  { onReport, onEnd }: ThreadListener,
): InferenceThread {
  const { file, eval: isCode } = threadEntry(__dirname, 'thread-main');
  const worker = new Worker(file, { eval: isCode, name, workerData: start, resourceLimits });
  let failed: Error | undefined;
  worker.on('message', onReport);
  worker.on('error', (error) => {
    failed = error instanceof Error ? error : new Error(String(error));
  });
  worker.on('exit', () => onEnd(failed));
  return {
    send: (order) => worker.postMessage(order),
    async terminate() {
      await worker.terminate();
    },
  };
}
