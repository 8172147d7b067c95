import type { InferenceThread, ThreadListener } from './inference-thread';
import type { EngineModel, Report } from './messages';
import type { Pending } from './pending';

export interface EngineThreadListener {
  /** A batch is out. */
  onBatch(ms: number, pictures: number): void;
  /** It ended, with these pictures unanswered. */
  onEnd(error: Error | undefined, pictures: readonly Pending[]): void;
}

/** One under way, and one that it finds when it is done: so it never waits for the main thread. */
const mostBatches = 2;
/** Milliseconds that a thread may take to end in good order. */
const endMs = 5_000;

interface Opening {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** What the main thread knows of one inference thread: which models it has, and what it was asked. */
export class EngineThread {
  readonly #thread: InferenceThread;
  readonly #opening = new Map<number, Opening>();
  readonly #open = new Set<number>();
  readonly #batches = new Map<number, readonly Pending[]>();
  readonly #listener: EngineThreadListener;
  readonly #ended: Promise<void>;
  #nextBatch = 0;

  constructor(start: (listener: ThreadListener) => InferenceThread, listener: EngineThreadListener) {
    this.#listener = listener;
    let onEnded: () => void = () => undefined;
    this.#ended = new Promise((resolve) => {
      onEnded = resolve;
    });
    this.#thread = start({
      onReport: (report) => this.#onReport(report),
      onEnd: (error) => {
        for (const { reject } of this.#opening.values()) {
          reject(new Error('an inference thread ended while it opened a model', { cause: error }));
        }
        onEnded();
        listener.onEnd(error, [...this.#batches.values()].flat());
      },
    });
  }

  /** Pictures that it has. */
  get pictures(): number {
    let count = 0;
    for (const batch of this.#batches.values()) count += batch.length;
    return count;
  }

  /** Whether it has opened this model. */
  has(slot: number): boolean {
    return this.#open.has(slot);
  }

  /** Whether it would take a batch for this model now. */
  takes(slot: number): boolean {
    return this.#open.has(slot) && this.#batches.size < mostBatches;
  }

  /** @throws Error where it cannot be opened, or the thread ended */
  open(slot: number, model: EngineModel): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#opening.set(slot, { resolve, reject });
      this.#thread.send({ kind: 'open', slot, model });
    });
  }

  close(slot: number): void {
    this.#open.delete(slot);
    this.#thread.send({ kind: 'close', slot });
  }

  answer(slot: number, batch: readonly Pending[]): void {
    if (batch.length === 0) return;
    const id = this.#nextBatch;
    this.#nextBatch += 1;
    this.#batches.set(id, batch);
    this.#thread.send({ kind: 'answer', batch: id, slot, pictures: batch.map(({ picture }) => picture) });
  }

  /** Ends it in good order, or, where it does not, at once. */
  async end(): Promise<void> {
    this.#thread.send({ kind: 'end' });
    const late = setTimeout(() => void this.#thread.terminate(), endMs);
    await this.#ended;
    clearTimeout(late);
  }

  #onReport(report: Report): void {
    if (report.kind === 'answered') {
      const batch = this.#batches.get(report.batch) ?? [];
      this.#batches.delete(report.batch);
      report.outcomes.forEach((outcome, index) => batch[index]?.settle(outcome));
      this.#listener.onBatch(report.ms, batch.length);
      return;
    }
    const opening = this.#opening.get(report.slot);
    this.#opening.delete(report.slot);
    if (report.kind === 'opened') {
      this.#open.add(report.slot);
      opening?.resolve();
    } else opening?.reject(new Error(report.why.message));
  }
}
