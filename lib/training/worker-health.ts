import { Failure } from '../../contracts/failures';

/** In a row, and of at least two trainings: one that ends every trainer is no fault of the worker. */
const tolerated = { failures: 3, runs: 2 };

/** Until a worker that fails everything tries once more. */
const restMs = 5 * 60_000;

/** A worker that takes no trainings for a while, and why. */
export interface Quarantine {
  readonly worker: string;
  /** Milliseconds since 1970. */
  readonly until: number;
  readonly reason: string;
}

export interface HealthOptions {
  /** The worker's identity, as Temporal shows it. */
  readonly worker: string;
  /** Hears of each quarantine as it begins, and with undefined that it is over. */
  readonly onChange?: (quarantine: Quarantine | undefined) => void;
  readonly now?: () => number;
}

/**
 * Whether this worker can train at all. One that fails whatever it is given would take every trial of a sweep, faster than
 * those that train it: after three failures in a row it rests, then tries one training, and rests again where that fails.
 */
export class WorkerHealth {
  readonly #options: HealthOptions;
  #inARow: { readonly run: string; readonly message: string }[] = [];
  #quarantine: Quarantine | undefined;

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  /** Milliseconds until this worker takes trainings again; 0 where it does. */
  get restsFor(): number {
    return Math.max(0, (this.#quarantine?.until ?? 0) - this.#now());
  }

  /** A training was done, or was stopped in good order. */
  worked(): void {
    this.#inARow = [];
    if (this.#quarantine === undefined) return;
    this.#quarantine = undefined;
    this.#options.onChange?.(undefined);
  }

  /**
   * A training has failed.
   *
   * @returns the failure to pass on, which names this worker once it is in quarantine.
   */
  failed(run: string, error: unknown): unknown {
    // What another try can't mend lies in the training; all else may lie in the machine.
    if (error instanceof Failure && !error.retryable) return error;
    const message = error instanceof Error ? error.message : String(error);
    this.#inARow = [...this.#inARow, { run, message }].slice(-10);
    const runs = new Set(this.#inARow.map((failure) => failure.run)).size;
    if (this.#inARow.length < tolerated.failures || runs < tolerated.runs) return error;
    const { worker, onChange } = this.#options;
    const count = this.#inARow.length;
    const reason = `${count} trainings in a row failed there, the last with: ${message}`;
    this.#quarantine = { worker, until: this.#now() + restMs, reason };
    onChange?.(this.#quarantine);
    const told = `Worker ${worker} takes no trainings for ${restMs / 60_000} minutes: ${reason}`;
    return error instanceof Failure
      ? new Failure(error.type, told, { cause: error })
      : new Error(told, { cause: error });
  }

  #now(): number {
    return (this.#options.now ?? Date.now)();
  }
}
