/** A stretch of a trial's training, in one process. */
export interface Segment {
  readonly trial: number;
  /** Seconds before its first epoch, and after its last. */
  readonly before: number;
  readonly after: number;
  /** Seconds of an epoch. */
  readonly epoch: number;
  /** Epochs that were done before, and by its end. */
  readonly from: number;
  readonly to: number;
}

/** A sweep as the clock runs it. */
export interface Sweep {
  /** What a free slot does; undefined where it waits until something else has ended. */
  next(): Segment | undefined;
  /**
   * An epoch has ended.
   *
   * @returns how it went, and which trials are stopped for it.
   */
  epochEnded(
    segment: Segment,
    epoch: number,
  ): { readonly value: number; readonly stopped: readonly number[] };
  segmentEnded(segment: Segment): void;
}

/** When a target was first met, in seconds; undefined where the sweep had nothing left to do before. */
export type Met = { readonly at: number; readonly trials: number } | undefined;

interface Running {
  readonly segment: Segment;
  /** Epochs that have ended. */
  epoch: number;
  /** When its next event is: an epoch's end, or its own. */
  at: number;
  ending: boolean;
}

/**
 * Runs a sweep by a clock that is reckoned, in so many slots that don't slow each other down, until every target is met.
 *
 * @param isMet - Whether a metric after an epoch is as good as a target.
 * @returns a time for each target.
 */
export function runByClock(
  sweep: Sweep,
  slots: number,
  targets: readonly number[],
  isMet: (value: number, target: number) => boolean,
): Met[] {
  const met: Met[] = targets.map(() => undefined);
  let now = 0;
  let running: Running[] = [];
  const begun = new Set<number>();
  for (;;) {
    while (running.length < slots) {
      const segment = sweep.next();
      if (segment === undefined) break;
      begun.add(segment.trial);
      running.push({ segment, epoch: segment.from, at: now + segment.before + segment.epoch, ending: false });
    }
    // Of several at one time, the one that began first.
    const soonest = running.reduce<Running | undefined>(
      (best, one) => (best === undefined || one.at < best.at ? one : best),
      undefined,
    );
    if (soonest === undefined) return met;
    now = soonest.at;
    const { segment } = soonest;
    if (soonest.ending) {
      running = running.filter((one) => one !== soonest);
      sweep.segmentEnded(segment);
      continue;
    }
    soonest.epoch += 1;
    const { value, stopped } = sweep.epochEnded(segment, soonest.epoch);
    for (const [at, target] of targets.entries()) {
      if (isMet(value, target)) met[at] ??= { at: now, trials: begun.size };
    }
    if (!met.includes(undefined)) return met;
    if (soonest.epoch < segment.to) soonest.at = now + segment.epoch;
    else [soonest.at, soonest.ending] = [now + segment.after, true];
    // A trial that is stopped saves its state, as at a rung, and ends.
    for (const one of running.filter(({ segment: { trial } }) => stopped.includes(trial))) {
      [one.at, one.ending] = [now, true];
    }
  }
}
