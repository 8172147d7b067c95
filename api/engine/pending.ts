import { Failure } from '../../contracts/failures';
import { ClientGone, type GoneSignal } from '../client-gone';
import type { AskedPicture, PictureOutcome } from './messages';

/** What came of a picture. */
export interface Answer {
  /** `[classes]`, each in [0, 1]. */
  readonly probabilities: Float32Array;
  /** Milliseconds; `queue` is what was spent neither in decoding nor in classifying. */
  readonly stages: { readonly queue: number; readonly decode: number; readonly infer: number };
}

export interface AnswerOptions {
  /** A UUID, under which the answer is kept. */
  readonly id: string;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal?: GoneSignal;
  /** Milliseconds from now, after which the picture is not begun any more. */
  readonly deadlineMs?: number;
  /** Whether the answer may be kept; true where it is left out. */
  readonly keep?: boolean;
  /** Who asked, by an API key's name. */
  readonly by?: string | undefined;
}

/** A picture that was asked and has no answer yet. */
export class Pending {
  readonly picture: Omit<AskedPicture, 'ticket'>;
  readonly answer: Promise<Answer>;
  /** Threads that ended while they had it. */
  attempts = 0;
  readonly #asked = performance.now();
  readonly #latest: number;
  readonly #signal: GoneSignal | undefined;
  readonly #onAbort: () => void;
  #resolve: (answer: Answer) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;
  #settled = false;

  /** @param onGone - Called when its client went away. */
  constructor(
    readonly slot: number,
    bytes: Uint8Array,
    { id, signal, deadlineMs, keep = true, by }: AnswerOptions,
    onGone: () => void,
  ) {
    this.#onAbort = () => {
      this.fail(new ClientGone('The client went away'));
      onGone();
    };
    this.picture = { id, bytes, keep, by };
    this.#latest = this.#asked + (deadlineMs ?? Infinity);
    this.#signal = signal;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    signal?.addEventListener('abort', this.#onAbort);
    if (signal?.aborted === true) this.#onAbort();
  }

  /** Whether it is still to be begun; where its time is over, that is said to whoever asked. */
  stillWanted(): boolean {
    if (this.#settled) return false;
    const waited = performance.now() - this.#asked;
    if (this.#asked + waited <= this.#latest) return true;
    this.fail(
      new Failure(
        'busy',
        `The picture waited for ${Math.round(waited)} ms, which is as long as one may wait here. Try again soon.`,
      ),
    );
    return false;
  }

  settle(outcome: PictureOutcome): void {
    if ('refused' in outcome) {
      const { type, message } = outcome.refused;
      this.fail(type === undefined ? new Error(message) : new Failure(type, message));
      return;
    }
    if (this.#settled) return;
    this.#end();
    const { probabilities, decode, infer } = outcome;
    const queue = Math.max(0, performance.now() - this.#asked - decode - infer);
    this.#resolve({ probabilities, stages: { queue, decode, infer } });
  }

  fail(error: Error): void {
    if (this.#settled) return;
    this.#end();
    this.#reject(error);
  }

  #end(): void {
    this.#settled = true;
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }
}
