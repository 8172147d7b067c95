import { Failure } from '../contracts/failures';

/**
 * Bounds how many pictures are held at once, being received, decoded or answered: beyond that, waiting would only make every
 * answer late and fill the memory, so that the next one hears at once to come back.
 */
export class Admission {
  readonly #most: number;
  #held = 0;

  /** @param most - Pictures at once. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Pictures that are held now. */
  get held(): number {
    return this.#held;
  }

  /**
   * Does `work` where there is room for it.
   *
   * @param pictures - That it is about.
   * @throws Failure `busy` where there is none, `request-invalid` where there never will be; whatever `work` throws.
   */
  async hold<T>(work: () => Promise<T>, pictures = 1): Promise<T> {
    if (pictures > this.#most) {
      throw new Failure(
        'request-invalid',
        `${pictures} pictures were sent, and at most ${this.#most} are answered at once. Send fewer a request.`,
      );
    }
    if (this.#held + pictures > this.#most) {
      throw new Failure(
        'busy',
        `${this.#held} pictures are being answered, and at most ${this.#most} are at once. Try again soon.`,
      );
    }
    this.#held += pictures;
    try {
      return await work();
    } finally {
      this.#held -= pictures;
    }
  }
}
