/**
 * How fast something goes, from samples of how much is done: the slope over the last `window` milliseconds,
 * so that a resumed download or stage doesn't count what was there before.
 */
export class Rate {
  private samples: { at: number; done: number }[] = [];

  constructor(private readonly window = 15_000) {}

  /** @returns per second; undefined until two samples at least half a second apart were seen. */
  add(at: number, done: number): number | undefined {
    const last = this.samples.at(-1);
    // Started over, such as a second attempt.
    if (last && done < last.done) this.samples = [];
    this.samples.push({ at, done });
    while (this.samples.length > 2 && at - (this.samples[0]?.at ?? at) > this.window) this.samples.shift();
    const first = this.samples[0];
    if (!first || at - first.at < 500) return undefined;
    return (done - first.done) / ((at - first.at) / 1000);
  }
}

/** One {@link Rate} a name. */
export class Rates {
  private readonly byName = new Map<string, Rate>();

  add(name: string, at: number, done: number): number | undefined {
    let rate = this.byName.get(name);
    if (!rate) {
      rate = new Rate();
      this.byName.set(name, rate);
    }
    return rate.add(at, done);
  }
}
