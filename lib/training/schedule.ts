import type { Schedule } from '../../contracts/schemas/run';

/** Where in a run a step stands. */
export interface SchedulePlace {
  /** From 1. */
  readonly step: number;
  readonly stepsPerEpoch: number;
  /** Steps of the whole run, or of the part that the schedule is for. */
  readonly steps: number;
}

/**
 * The learning rate of a step. Cosine: Loshchilov and Hutter, "SGDR" (2017), without restarts; one cycle: Smith and Topin,
 * "Super-Convergence" (2019), in two phases of cosine shape as in PyTorch's `OneCycleLR`.
 *
 * @param lr - What the schedule's shares are of.
 */
export function rateAt(
  schedule: Schedule,
  lr: number,
  { step, stepsPerEpoch, steps }: SchedulePlace,
): number {
  const done = step - 1;
  if (schedule.name === 'one_cycle') {
    const { start, peak, final } = schedule;
    const last = Math.max(1, steps - 1);
    // As in PyTorch: the peak is reached one step before the share that it is set to.
    const top = Math.max(0, peak * steps - 1);
    if (done <= top && top > 0) return lr * between(start, 1, done / top);
    return lr * between(1, final, last === top ? 1 : (done - top) / (last - top));
  }
  const rising = schedule.warmup * stepsPerEpoch;
  if (done < rising) return (lr * step) / rising;
  switch (schedule.name) {
    case 'constant':
      return lr;
    case 'step':
      return lr * schedule.factor ** Math.floor(done / (schedule.every * stepsPerEpoch));
    case 'cosine': {
      const share = (done - rising) / Math.max(1, steps - rising);
      return lr * between(1, schedule.final, Math.min(1, share));
    }
  }
}

/** From one value to another along half a cosine. */
function between(from: number, to: number, share: number): number {
  return to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;
}
