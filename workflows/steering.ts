import {
  ApplicationFailure,
  defineSignal,
  defineUpdate,
  isCancellation,
  setHandler,
} from '@temporalio/workflow';
import {
  sweepMessages,
  type AddedTrial,
  type ExtendBest,
  type ExtendedBest,
  type StopSweep,
} from '../contracts/messages';
import type { Leaderboard } from '../contracts/progress';
import { rootCause } from './failures';
import type { Trials } from './trials';

type Parameters = Readonly<Record<string, unknown>>;

export interface SteeringState {
  readonly mode: 'running' | 'paused' | 'stopping';
  readonly parallelism: number;
  /** Whether `parallelism` follows the gpu slots that there are. */
  readonly follows: boolean;
  /** undefined: until the search has no more to suggest. */
  readonly runCap: number | undefined;
  /** Whether that was changed while the sweep ran. */
  readonly capped?: boolean;
  /** Trials that are begun before any that the search suggests. */
  readonly queued: readonly Parameters[];
  /** Whether what ran was stopped as well. */
  readonly now?: boolean;
  /** Failed trials whose parameters were queued again. */
  readonly retried?: readonly number[];
}

interface Surroundings {
  readonly trials: Trials;
  /** How many epochs they make, all parts of a training together. Throws a failure with what a run refuses of the parameters. */
  readonly check: (parameters: Parameters) => Promise<number>;
  /** Of one that runs or waits at a rung. */
  readonly stopTrial: (trial: number) => void;
  readonly changed: () => void;
}

/** Why a trial was stopped, and who did. */
interface Stop {
  readonly why: string;
  readonly stoppedBy: 'rule' | 'hand';
}

const most = { parallelism: 500, runCap: 10_000, epochs: 10_000, queued: 1_000 };

/** What people change of a sweep while it runs. */
export class Steering {
  private mode: SteeringState['mode'];
  private lanes: number;
  private follows: boolean;
  private cap: number | undefined;
  private capped: boolean;
  private queued: readonly Parameters[];
  private readonly stopped = new Map<number, Stop>();
  private now: boolean;
  private readonly retried: Set<number>;
  private ended = false;

  constructor(
    before: SteeringState,
    private readonly around: Surroundings,
  ) {
    this.mode = before.mode;
    this.lanes = before.parallelism;
    this.follows = before.follows;
    this.cap = before.runCap;
    this.capped = before.capped ?? false;
    this.queued = before.queued;
    this.now = before.now ?? false;
    this.retried = new Set(before.retried);
  }

  get followsSlots(): boolean {
    return this.follows;
  }

  /** Takes the number of gpu slots, where it follows them and anybody knows. */
  follow(slots: number | undefined): void {
    if (!this.follows || slots === undefined || slots === this.lanes) return;
    this.lanes = Math.min(slots, most.parallelism);
    this.around.changed();
  }

  get parallelism(): number {
    return this.lanes;
  }

  get runCap(): number {
    return this.cap ?? Infinity;
  }

  /** Whether a person has said how many trials there are in all. */
  get wasCapped(): boolean {
    return this.capped;
  }

  isOpen(): boolean {
    return this.mode === 'running';
  }

  /** Whether trials that wait at a rung may go on: also where the sweep stops once what runs has ended. */
  takesPromotions(): boolean {
    return this.mode !== 'paused' && !this.now;
  }

  isStopping(): boolean {
    return this.mode === 'stopping';
  }

  /** Whether what runs was stopped as well. */
  isStoppingNow(): boolean {
    return this.now;
  }

  hasQueued(): boolean {
    return this.queued.length > 0;
  }

  takeQueued(): Parameters | undefined {
    const [first, ...rest] = this.queued;
    this.queued = rest;
    return first;
  }

  /** Before all others: it was taken, and not begun. */
  putBack(parameters: Parameters): void {
    this.queued = [parameters, ...this.queued];
  }

  /** From now on nothing more is taken. */
  end(): void {
    this.ended = true;
  }

  /** How many trials there will be, as far as anybody knows. */
  expected(exhausted: boolean): number {
    const begun = this.around.trials.size;
    const drawn = exhausted || this.cap === undefined || this.mode === 'stopping' ? begun : this.cap;
    return Math.max(drawn, begun + (this.mode === 'stopping' ? 0 : this.queued.length));
  }

  told(): Pick<Leaderboard, 'state' | 'parallelism'> {
    return { state: this.mode, parallelism: this.lanes };
  }

  state(): SteeringState {
    return {
      mode: this.mode,
      parallelism: this.lanes,
      follows: this.follows,
      runCap: this.cap,
      ...(this.capped && { capped: true }),
      queued: this.queued,
      ...(this.now && { now: true }),
      ...(this.retried.size > 0 && { retried: [...this.retried] }),
    };
  }

  wasStopped(trial: number): boolean {
    return this.stopped.has(trial);
  }

  stopOf(trial: number): Stop {
    return this.stopped.get(trial) ?? { why: 'cancelled', stoppedBy: 'hand' };
  }

  stop(when: StopSweep['when']): void {
    this.mode = 'stopping';
    if (when === 'now') {
      this.now = true;
      for (const { trial, state } of this.around.trials.all()) {
        if (state === 'running') this.stopTrial(trial, 'the sweep was stopped');
      }
    }
    this.around.changed();
  }

  stopTrial(trial: number, why: string, stoppedBy: Stop['stoppedBy'] = 'hand'): void {
    this.stopped.set(trial, { why, stoppedBy });
    this.around.stopTrial(trial);
  }

  /** Takes the updates, and the signals of those that are given nothing. */
  listen(): void {
    const turn = (mode: 'running' | 'paused') => (): void => {
      if (this.mode === 'stopping' || this.ended) return;
      this.mode = mode;
      this.around.changed();
    };
    const open = (): void => this.requireOpen();
    for (const [name, work] of [
      [sweepMessages.pause, turn('paused')],
      [sweepMessages.resume, turn('running')],
    ] as const) {
      setHandler(defineUpdate(name), work, { validator: open });
      setHandler(defineSignal(name), work);
    }
    setHandler(
      defineUpdate<unknown, [StopSweep | undefined]>(sweepMessages.stop),
      (input) => this.stop(input?.when ?? 'idle'),
      {
        validator: (input: StopSweep | undefined) => {
          if (input !== undefined && !['idle', 'now'].includes(input.when)) {
            throw refused('stop takes {"when": "idle"} or {"when": "now"}.');
          }
        },
      },
    );
    setHandler(defineSignal<[StopSweep | undefined]>(sweepMessages.stop), (input) =>
      this.stop(input?.when === 'now' ? 'now' : 'idle'),
    );
    setHandler(
      defineUpdate<AddedTrial, [Parameters]>(sweepMessages.addTrial),
      async (parameters) => {
        await this.checked(parameters);
        return this.enqueue(parameters);
      },
      {
        validator: (parameters) => {
          open();
          if (!isMap(parameters)) throw refused('addTrial takes a map of parameters, such as {"lr": 0.001}.');
          if (this.queued.length >= most.queued) throw refused(`${most.queued} trials are waiting already.`);
        },
      },
    );
    setHandler(
      defineUpdate<unknown, [number]>(sweepMessages.killTrial),
      (trial) => this.stopTrial(trial, 'killed by hand'),
      {
        validator: (trial: number) => {
          const found = this.around.trials.get(trial);
          if (found === undefined) throw refused(`There is no trial ${trial} yet.`);
          if (found.state !== 'running' && found.state !== 'paused')
            throw refused(`Trial ${trial} is ${found.state} already.`);
        },
      },
    );
    setHandler(defineUpdate<number>(sweepMessages.retryFailed), () => this.retry(), { validator: open });
    setHandler(defineSignal(sweepMessages.retryFailed), () => {
      if (this.mode !== 'stopping' && !this.ended) this.retry();
    });
    setHandler(
      defineUpdate<ExtendedBest, [ExtendBest]>(sweepMessages.extendBest),
      async ({ epochs }) => {
        const best = this.around.trials.best();
        const parameters = { ...best?.parameters, epochs };
        const planned = await this.checked(parameters);
        const had = best?.planned ?? best?.epochs ?? 0;
        if (planned <= had) {
          const whole = planned === epochs ? '' : `, fine-tuning included; with ${epochs} it has ${planned}`;
          throw refused(`Trial ${best?.trial}, the best, had epochs: ${had}${whole}; expected more.`);
        }
        return { ...this.enqueue(parameters), trial: best?.trial ?? 0, from: 0 };
      },
      {
        validator: (input: ExtendBest) => {
          open();
          const best = this.around.trials.best();
          if (best === undefined) throw refused('No trial has finished yet.');
          if (!isMap(input)) throw refused('extendBest takes {"epochs": 50}.');
          whole('epochs', input.epochs, most.epochs);
        },
      },
    );
    setHandler(
      defineUpdate<unknown, [number]>(sweepMessages.setParallelism),
      (lanes) => {
        this.lanes = lanes;
        this.follows = false;
        this.around.changed();
      },
      { validator: (lanes) => whole('parallelism', lanes, most.parallelism) },
    );
    setHandler(
      defineUpdate<unknown, [number]>(sweepMessages.setRunCap),
      (cap) => {
        this.cap = cap;
        this.capped = true;
        this.around.changed();
      },
      {
        validator: (cap) => {
          open();
          whole('run_cap', cap, most.runCap);
        },
      },
    );
  }

  private requireOpen(): void {
    if (this.ended) throw refused('The sweep has ended, and takes no changes.');
    if (this.mode === 'stopping') throw refused('The sweep is being stopped, and takes no changes.');
  }

  private async checked(parameters: Parameters): Promise<number> {
    let planned: number;
    try {
      planned = await this.around.check(parameters);
    } catch (error) {
      throw isCancellation(error) ? error : refused(rootCause(error));
    }
    // It may have been told to stop meanwhile.
    this.requireOpen();
    return planned;
  }

  /** Each failed trial once: what comes of it is a trial of its own, which may fail and be tried again in its turn. */
  private retry(): number {
    const failed = this.around.trials
      .all()
      .filter(({ trial, state }) => state === 'failed' && !this.retried.has(trial));
    for (const { trial, parameters } of failed) {
      this.retried.add(trial);
      this.enqueue(parameters);
    }
    return failed.length;
  }

  private enqueue(parameters: Parameters): AddedTrial {
    const ahead = this.queued.length;
    this.queued = [...this.queued, parameters];
    this.around.changed();
    return { ahead };
  }
}

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function whole(name: string, value: unknown, largest: number): void {
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= largest) return;
  throw refused(`${name} is a whole number from 1 to ${largest}.`);
}

function refused(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'start-refused');
}
