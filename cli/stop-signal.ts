/** Two within this many milliseconds are one: npm passes on the Ctrl-C that the terminal sent to both. */
const sameWithin = 1000;

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

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

  /** @returns what ends the listening */
  listen(): () => void {
    const press = (): void => this.press(Date.now());
    for (const name of signals) process.on(name, press);
    return () => {
      for (const name of signals) process.off(name, press);
    };
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

/**
 * Watches what goes on elsewhere: Ctrl-C ends the watching alone, and a second one at once. Whoever has left has not seen the end, which
 * the exit code says.
 *
 * @returns what the watching came to; undefined where it was left
 */
export async function unlessLeft<T>(
  watch: (signal: AbortSignal) => Promise<T>,
): Promise<{ readonly seen: T } | undefined> {
  const leaving = new StopSignal(() => process.exit(130));
  const unlisten = leaving.listen();
  try {
    return { seen: await watch(leaving.signal) };
  } catch (error) {
    if (!leaving.signal.aborted) throw error;
    process.exitCode = 130;
    return undefined;
  } finally {
    // The second one that npm sends may still be on its way.
    if (!leaving.signal.aborted) unlisten();
  }
}
