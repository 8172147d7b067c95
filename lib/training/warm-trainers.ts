import type { ChildProcess } from 'node:child_process';
import type { TrainerOrder } from '../../contracts/schemas/trainer';

/** How a trainer process was started: what it can't change any more. */
export interface TrainerKind {
  /** The program, then its arguments. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

interface Waiting {
  readonly kind: TrainerKind;
  readonly trainer: ChildProcess;
  readonly leave: () => void;
}

export interface WarmTrainersOptions {
  /** Of processes that wait; as many as trainings that a worker does at once. */
  readonly most: number;
  /** Milliseconds that one waits before it ends: each holds some 400 MB. */
  readonly waitMs?: number;
}

const oneMinute = 60_000;

/**
 * Trainer processes that have done a job and wait for the next one. To start one takes more than a second, nearly all of it
 * TensorFlow's loading: as long as some trials of a sweep train.
 */
export class WarmTrainers {
  readonly #most: number;
  readonly #waitMs: number;
  #waiting: readonly Waiting[] = [];
  #closed = false;

  constructor({ most, waitMs = oneMinute }: WarmTrainersOptions) {
    this.#most = most;
    this.#waitMs = waitMs;
  }

  /** Processes that wait. */
  get size(): number {
    return this.#waiting.length;
  }

  /**
   * One that was started just so, for one job; undefined where none waits. Those of other kinds that hold the same GPU end: they
   * would keep its memory from whoever starts now.
   */
  take(kind: TrainerKind): ChildProcess | undefined {
    const found = this.#waiting.find((one) => isSame(one.kind, kind));
    found?.leave();
    for (const other of this.#waiting) {
      if (gpuOf(other.kind) !== undefined && gpuOf(other.kind) === gpuOf(kind)) this.#end(other);
    }
    return found?.trainer;
  }

  /** Has a process that is done wait for its next job. */
  keep(kind: TrainerKind, trainer: ChildProcess): void {
    const leave = (): void => {
      clearTimeout(timer);
      trainer.off('close', leave);
      this.#waiting = this.#waiting.filter((one) => one !== waiting);
    };
    const waiting: Waiting = { kind, trainer, leave };
    const timer = setTimeout(() => this.#end(waiting), this.#waitMs);
    trainer.once('close', leave);
    this.#waiting = [...this.#waiting, waiting];
    const tooMany = this.#closed ? this.#waiting : this.#waiting.slice(0, -this.#most);
    for (const one of tooMany) this.#end(one);
  }

  /** Ends those that wait, and whoever would. */
  close(): void {
    this.#closed = true;
    for (const one of this.#waiting) this.#end(one);
  }

  #end({ trainer, leave }: Waiting): void {
    leave();
    release(trainer);
  }
}

/** Ends a trainer that waits. Disconnecting would as well, but then Node may never tell that it is closed. */
export function release(trainer: ChildProcess): void {
  trainer.send({ kind: 'stop' } satisfies TrainerOrder, () => undefined);
}

function isSame(one: TrainerKind, other: TrainerKind): boolean {
  const said = ({ command, environment }: TrainerKind): string =>
    JSON.stringify([command, Object.entries(environment).sort()]);
  return said(one) === said(other);
}

/** Undefined where it may have any, or is kept from all of them (`-1`, or nothing). */
function gpuOf({ environment }: TrainerKind): string | undefined {
  const visible = environment['CUDA_VISIBLE_DEVICES'];
  return visible === '-1' || visible === '' ? undefined : visible;
}
