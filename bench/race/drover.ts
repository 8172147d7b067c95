import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { queues } from '../../contracts/names';
import { latestPrepared } from '../../lib/data/latest-prepared';
import { openStore } from '../../lib/storage/open-store';
import type { Store } from '../../lib/storage/store';
import { freePort } from '../../tests/support/free-port';
import { Processes } from '../../tests/support/processes';
import { connectTo } from '../../tests/support/temporal-server';
import { cellValues } from '../search/table/cells';
import { NotedEpochs, notedWithin } from './noted-epochs';
import type { Way } from './real';

export interface DroverOptions {
  /** Whose latest prepared set is trained on. */
  readonly store: Store;
  readonly slots: number;
  readonly seed: number;
  readonly epochs: number;
}

/** How often is looked for epochs that were noted: each says when it had ended. */
const everyMs = 500;

/** A sweep by a Gaussian process, its trials with patience, with all that it runs on: the server, a worker, and a worker that trains, started from nothing. */
export function droverWay({ store, slots, seed, epochs }: DroverOptions): Way {
  return {
    name: 'Drover, bayes, patience 5',
    lag: notedWithin,
    async run(onLook, stop) {
      const home = mkdtempSync(join(tmpdir(), 'drover-race-'));
      const prepared = await latestPrepared(store);
      if (prepared === undefined) throw new Error(`No prepared set in ${store.location}`);
      const own = openStore(join(home, 'store'), {});
      for await (const key of store.list('prepared/')) await own.write(key, await store.read(key));
      const port = await freePort();
      const processes = new Processes(home, port, { DROVER_GPU_SLOTS: String(slots) });
      try {
        processes.startServer();
        processes.startWorker('worker', 'ml', 'cpu');
        processes.startWorker('worker-gpu', 'gpu');
        const client = new Client({ connection: await connectTo(port) });
        const values = (name: keyof typeof cellValues) => ({ values: [...cellValues[name]] });
        const config = {
          method: 'bayes',
          metric: { name: 'validation_accuracy', goal: 'maximize' },
          parameters: {
            lr: values('lr'),
            batch_size: values('batch_size'),
            'network.dropout': values('dropout'),
          },
          run_cap: 150,
          parallelism: slots,
          seed,
          // As the others' trials have.
          vary_seed: true,
          train: {
            network: { name: 'cnn', filters: [32, 64], dense: 128 },
            augmentation: { flip: false, shift: 0, brightness: 0 },
            epochs,
            early_stopping: { patience: 5 },
            best_by: 'validation_accuracy',
            seed,
            threads: 1,
          },
        };
        const handle = await client.workflow.start('sweep', {
          workflowId: 'race',
          taskQueue: queues.ml,
          args: [{ config, prepared }],
        });
        const noted = new NotedEpochs(own, join(home, 'store'));
        while (!stop.aborted) {
          // Asked before its epochs are read: what comes later would be missed.
          const { status } = await handle.describe();
          (await noted.news()).forEach(onLook);
          if (status.name === 'COMPLETED') break;
          if (status.name !== 'RUNNING' && status.name !== 'CONTINUED_AS_NEW') {
            throw new Error(`The sweep has ended as ${status.name}`);
          }
          await after(everyMs);
        }
        await client.connection.close();
      } finally {
        await processes.kill();
        // A trainer whose worker is gone may write a last file meanwhile.
        rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
      }
    },
  };
}
