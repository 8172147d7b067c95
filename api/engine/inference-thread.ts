import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Order, Report, ThreadStart } from './messages';

/** With the usual 16 MB for young objects a thread keeps some 20 MiB more of pictures that were answered, and is no faster. */
const resourceLimits = { maxYoungGenerationSizeMb: 2 };

/** From a checkout the sources run as they are, and a thread needs what understands them, as its process does. */
function entry(): { readonly file: string; readonly eval: boolean } {
  const source = extname(__filename) === '.ts';
  const file = join(__dirname, `thread-main${source ? '.ts' : '.js'}`);
  if (!source) return { file, eval: false };
  const loader = require.resolve('tsx/cjs');
  return { file: `require(${JSON.stringify(loader)});require(${JSON.stringify(file)});`, eval: true };
}

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
  const { file, eval: isCode } = entry();
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
