import type { Store } from '../storage/store';

/** One thing that a migration does to a store. Doing it twice does what doing it once does. */
export interface MigrationStep {
  /** For people: `dataset pets: 1f0c listed`. */
  readonly what: string;
  readonly run: (now: Date) => Promise<void>;
}

/** From one format to the next. Nothing of what it finds is taken away: an earlier version goes on reading it. */
export interface Migration {
  readonly from: number;
  /** What is to be done; it reads only. */
  readonly plan: (store: Store) => Promise<readonly MigrationStep[]>;
}
