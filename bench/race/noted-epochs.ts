import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Store } from '../../lib/storage/store';
import { readMetrics } from '../../lib/tracking/metrics/read-metrics';
import type { Look } from './real';

/**
 * Seconds after an epoch's end by which its line is in the store: a trainer writes what it has noted with its checkpoints, after 30 s, and at the
 * end of its training; the rest is for the step under way and for the writing.
 */
export const notedWithin = 35;

/**
 * The epochs of all runs of a store in a folder, as each trainer has noted them in `runs/<run>/metrics/`: the figures after an epoch, and by the
 * machine's clock when that had ended, however much later the line was written.
 */
export class NotedEpochs {
  readonly #told = new Map<string, number>();
  readonly #finished = new Set<string>();

  /** @param folder - Where the store lies. */
  constructor(
    private readonly store: Store,
    private readonly folder: string,
  ) {}

  /** Those that no call before has told of. */
  async news(): Promise<Look[]> {
    const runs = join(this.folder, 'runs');
    const names = existsSync(runs) ? readdirSync(runs) : [];
    const looks: Look[] = [];
    for (const run of names.filter((name) => !this.#finished.has(name))) {
      // Asked before its lines are read: what comes later would be missed.
      const finished = existsSync(join(runs, run, 'result.json'));
      const before = this.#told.get(run) ?? 0;
      for (const line of await readMetrics(this.store, run)) {
        if (line.kind !== 'epoch' || line.epoch <= before) continue;
        looks.push({ trial: run, accuracy: line.validation_accuracy, at: line.at });
        this.#told.set(run, line.epoch);
      }
      if (finished) this.#finished.add(run);
    }
    return looks;
  }
}
