import type { EpochMetrics } from '../../contracts/schemas/documents';
import type { TrainerProgress } from '../../contracts/schemas/trainer';

/** Milliseconds between two reports. */
const reportEvery = 500;

/** What a reporter is told of each batch. */
export interface BatchDone {
  readonly count: number;
  readonly loss: number;
  readonly correct: number;
}

/** The means of the batches since the last report. */
export interface Window {
  readonly loss: number;
  readonly accuracy: number;
  readonly examplesPerSecond: number;
}

/** Where a run stands. */
export interface Place {
  readonly epoch: number;
  /** Steps that are done. */
  readonly step: number;
  /** Of the last epoch that is complete. */
  readonly last?: EpochMetrics | undefined;
}

/** Tells how far a run is, about twice a second and at every turn. */
export class ProgressReporter {
  readonly #tell: (progress: TrainerProgress) => void;
  readonly #fixed: Pick<TrainerProgress, 'epochs' | 'device'>;
  #steps: number;
  #since = performance.now();
  #sum = { count: 0, loss: 0, correct: 0 };
  #newest: Window | undefined;
  /** Time of training, without validation and what else comes between. */
  #training = { steps: 0, seconds: 0 };

  constructor(
    tell: (progress: TrainerProgress) => void,
    fixed: Pick<TrainerProgress, 'epochs' | 'steps' | 'device'>,
  ) {
    const { steps, ...rest } = fixed;
    this.#tell = tell;
    this.#fixed = rest;
    this.#steps = steps;
  }

  /** Where an early end makes the run shorter than it was to be. */
  shorten(steps: number): void {
    this.#steps = steps;
  }

  turn(phase: TrainerProgress['phase'], at: Place): void {
    this.#since = performance.now();
    this.#sum = { count: 0, loss: 0, correct: 0 };
    this.#say(phase, at);
  }

  /** Whether the next batch that is learnt closes a window. */
  get isDue(): boolean {
    return this.#newest === undefined || performance.now() - this.#since >= reportEvery;
  }

  /**
   * A batch was learnt.
   *
   * @param closes - Whether it closes a window: what {@link isDue} said before it.
   * @returns the window that this batch closed.
   */
  learnt(batch: BatchDone, at: Place, closes: boolean): Window | undefined {
    this.#sum.count += batch.count;
    this.#sum.loss += batch.loss;
    this.#sum.correct += batch.correct;
    const now = performance.now();
    const elapsed = now - this.#since;
    this.#training.steps += 1;
    // The first report comes with the first batch: from then on it is known to work.
    if (!closes) return undefined;
    const { count, loss, correct } = this.#sum;
    this.#newest = {
      loss: loss / count,
      accuracy: correct / count,
      examplesPerSecond: (count * 1000) / elapsed,
    };
    this.#training.seconds += elapsed / 1000;
    this.#since = now;
    this.#sum = { count: 0, loss: 0, correct: 0 };
    this.#say('training', at);
    return this.#newest;
  }

  /** Something that learns nothing goes on. */
  alive(phase: TrainerProgress['phase'], at: Place): void {
    if (performance.now() - this.#since < reportEvery) return;
    this.#since = performance.now();
    this.#say(phase, at);
  }

  #say(phase: TrainerProgress['phase'], { epoch, step, last }: Place): void {
    const { steps, seconds } = this.#training;
    const left = steps > 1 && seconds > 0 ? ((this.#steps - step) * seconds) / steps : undefined;
    const newest = this.#newest;
    this.#tell({
      ...this.#fixed,
      phase,
      epoch,
      step,
      steps: this.#steps,
      examplesPerSecond: newest?.examplesPerSecond ?? 0,
      ...(newest && phase === 'training' && { loss: newest.loss, accuracy: newest.accuracy }),
      ...(left !== undefined && { secondsLeft: Math.max(0, left) }),
      ...(last && { last }),
    });
  }
}
