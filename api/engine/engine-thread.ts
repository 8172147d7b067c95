import type { InferenceThread, ThreadListener } from './inference-thread';
import type { EngineModel, Report } from './messages';
import type { Pending } from './pending';

export interface EngineThreadListener {
  /** A batch is out. */
  onBatch(ms: number, pictures: number): void;
  /** It ended, with these pictures unanswered. */
  onEnd(error: Error | undefined, pictures: readonly Pending[]): void;
}

/** Batches that it may have: one under way, and what makes the next, so that it doesn't wait for the main thread in between. */
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
  readonly #pictures = new Map<number, Pending>();
  readonly #listener: EngineThreadListener;
  readonly #ended: Promise<void>;
  #nextTicket = 0;
  /** Whether the picture that it was given last is one with which a thread ended. */
  #hasSuspect = false;

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
        listener.onEnd(error, [...this.#pictures.values()]);
      },
    });
  }

  /** Pictures that it has. */
  get pictures(): number {
    return this.#pictures.size;
  }

  /** Whether it has opened this model. */
  has(slot: number): boolean {
    return this.#open.has(slot);
  }

  /** Whether it would take a picture now; one with which a thread ended must be alone, so that no other is blamed for it. */
  takes({ slot, attempts }: Pending, mostInBatch: number): boolean {
    if (!this.#open.has(slot)) return false;
    if (attempts > 0 || this.#hasSuspect) return this.#pictures.size === 0;
    return this.#pictures.size < mostBatches * mostInBatch;
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

  /** @param mostInBatch - Pictures that it may classify together. */
  answer(pending: Pending, mostInBatch: number): void {
    const ticket = this.#nextTicket;
    this.#nextTicket += 1;
    this.#pictures.set(ticket, pending);
    this.#hasSuspect = pending.attempts > 0;
    const { slot, picture } = pending;
    this.#thread.send({ kind: 'answer', slot, picture: { ...picture, ticket }, most: mostInBatch });
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
      for (const [ticket, outcome] of report.outcomes) {
        this.#pictures.get(ticket)?.settle(outcome);
        this.#pictures.delete(ticket);
      }
      this.#listener.onBatch(report.ms, report.outcomes.length);
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
