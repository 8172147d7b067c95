/** The weight of the newest batch in the mean. */
const newest = 0.2;

/**
 * How many pictures a thread is given at once: as many as it answers within a budget of time, by the mean of what pictures took so far.
 * More at once costs less a picture, but the first of a batch waits for its last. Time in which a thread only awaits
 * what sharp decodes counts, too: what a thread has is decoded though its deadline passes or its client goes, so that of pictures which
 * take long most are better left waiting.
 */
export class BatchSize {
  readonly #budgetMs: number;
  readonly #most: number;
  #pictureMs: number | undefined;

  /** @param most - However fast they are: what a batch's pixels may take of memory. */
  constructor(budgetMs: number, most: number) {
    this.#budgetMs = budgetMs;
    this.#most = most;
  }

  /** Notes that `pictures` took `ms` together. */
  took(ms: number, pictures: number): void {
    const each = ms / pictures;
    this.#pictureMs =
      this.#pictureMs === undefined ? each : this.#pictureMs + newest * (each - this.#pictureMs);
  }

  /** At least one; one alone until something was measured. */
  get most(): number {
    if (this.#pictureMs === undefined) return 1;
    return Math.min(this.#most, Math.max(1, Math.floor(this.#budgetMs / this.#pictureMs)));
  }
}
