/** Two within this many milliseconds are one: npm passes on the Ctrl-C that the terminal sent to both. */
const sameWithin = 1000;

/** Ctrl-C, SIGTERM and SIGHUP, as a signal to stop in good order, and then as one to stop at once. */
export class StopSignal {
  private readonly controller = new AbortController();
  private first = 0;
  private broken: Error | undefined;

  constructor(private readonly force: () => void) {}

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Why it was stopped, where that was not a person's wish. */
  get failure(): Error | undefined {
    return this.broken;
  }

  listen(): void {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(name, () => this.press(Date.now()));
  }

  press(now: number): void {
    if (!this.signal.aborted) {
      this.first = now;
      this.controller.abort(new Stopped());
    } else if (now - this.first > sameWithin) {
      this.force();
    }
  }

  fail(error: Error): void {
    this.broken = error;
    this.controller.abort(error);
  }

  /** Rests until there is a reason to stop. */
  wait(): Promise<void> {
    return new Promise((resolve) => {
      if (this.signal.aborted) resolve();
      else this.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}

class Stopped extends Error {
  override readonly name = 'AbortError';
  constructor() {
    super('stopped');
  }
}

/**
 * Work in this process that Ctrl-C ends in good order, and a second one at once.
 *
 * @param said - What follows `Stopped.` on the terminal, such as how to go on.
 */
export async function untilStopped(
  work: (signal: AbortSignal) => Promise<void>,
  said?: string,
): Promise<void> {
  const stopping = new StopSignal(() => process.exit(130));
  stopping.listen();
  try {
    await work(stopping.signal);
  } catch (error) {
    if (!stopping.signal.aborted) throw error;
    process.stderr.write(`${['Stopped.', said].filter(Boolean).join(' ')}\n`);
    process.exit(130);
  }
}
