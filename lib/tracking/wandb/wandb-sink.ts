import { putJson } from '../../storage/refs';
import type { Store } from '../../storage/store';
import type { Sink } from '../sink';
import { encodeOfflineRun, offlineRunName, summaryOf } from './offline-run';

export interface WandbOptions {
  /** The project that `wandb sync` puts the run into, unless it is told of another. */
  readonly project: string;
}

/**
 * Writes a finished run as a W&B offline run into the store, for `wandb sync`: nothing is sent, and W&B's key stays
 * with whoever syncs.
 */
export function createWandbSink(store: Store, run: string, { project }: WandbOptions): Sink {
  return {
    flush: () => Promise.resolve(),
    async finish(finished) {
      const folder = `runs/${run}/wandb/${offlineRunName(run, finished.lines, finished.at)}`;
      const figures = summaryOf(finished).map(({ name, value }) => [name, value]);
      // `wandb sync` writes the same file anew, and misses its folder where it isn't there.
      await putJson(store, `${folder}/files/wandb-summary.json`, Object.fromEntries(figures));
      await store.write(`${folder}/run-${run}.wandb`, encodeOfflineRun(project, finished));
    },
  };
}
