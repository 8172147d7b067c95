import { createRandom } from '../../lib/random';

/** What may be killed, paused, cut off or filled. `everything` is the whole machine, `start` what watches over the others. */
export type Target =
  | 'worker'
  | 'worker-gpu'
  | 'trainer'
  | 'api'
  | 'temporal'
  | 'start'
  | 'everything'
  | 'server'
  | 'bucket'
  | 'store';

export type Deed = 'kill' | 'pause' | 'stall' | 'reset' | 'fill';

export interface Kind {
  readonly deed: Deed;
  readonly target: Target;
}

/** One thing that goes wrong. */
export interface Fault extends Kind {
  /** Counted from 1. */
  readonly number: number;
  /** Milliseconds since the beginning. */
  readonly at: number;
  /** Milliseconds until it is over; of a kill, until what does not come back by itself is started again. */
  readonly lasts: number;
}

const of = (deed: Deed, targets: readonly Target[]): readonly Kind[] =>
  targets.map((target) => ({ deed, target }));

/** Drover as `npm start` has it on one machine, its store in a folder on a small disk. */
export const embedded: readonly Kind[] = [
  ...of('kill', ['worker', 'worker-gpu', 'trainer', 'api', 'temporal', 'start', 'everything']),
  ...of('pause', ['worker', 'worker-gpu', 'trainer', 'api', 'temporal']),
  ...of('fill', ['store']),
];

/** Drover with a server and a bucket of others, each behind a connection that fails. */
export const apart: readonly Kind[] = [
  ...of('kill', ['worker', 'worker-gpu', 'trainer', 'api', 'temporal', 'start', 'everything']),
  ...of('pause', ['worker', 'worker-gpu', 'trainer', 'api', 'temporal']),
  ...of('stall', ['server', 'bucket']),
  ...of('reset', ['server', 'bucket']),
];

/** The least and the most milliseconds that each lasts. */
const lengths: Readonly<Record<Deed, readonly [number, number]>> = {
  kill: [200, 3000],
  // Longer than a heartbeat may be missing (15 s), and shorter.
  pause: [1000, 20_000],
  stall: [1000, 20_000],
  reset: [200, 8000],
  fill: [2000, 12_000],
};

interface Wish {
  readonly seed: string;
  readonly kinds: readonly Kind[];
  readonly faults: number;
  readonly minutes: number;
  /** The number of the first one. */
  readonly first?: number;
}

/**
 * Faults in the order of their times, the same ones for the same seed. Each has its own slot of the time and falls anywhere in it, so that
 * two may come close together; the kinds are dealt as from a shuffled deck, so that each comes about as often as any other.
 */
export function makeSchedule({ seed, kinds, faults, minutes, first = 1 }: Wish): Fault[] {
  if (kinds.length === 0) throw new Error('No kinds of fault to choose from.');
  const random = createRandom(seed).fork('chaos');
  const slot = (minutes * 60_000) / faults;
  let deck: Kind[] = [];
  return Array.from({ length: faults }, (_, index) => {
    if (deck.length === 0) deck = random.shuffle(kinds);
    const kind = deck.pop();
    if (kind === undefined) throw new Error('the deck is empty');
    const [least, most] = lengths[kind.deed];
    return {
      ...kind,
      number: first + index,
      at: Math.round((index + random.next()) * slot),
      lasts: Math.round(least + (most - least) * random.next()),
    };
  });
}

/** `kill -9 the trainer`, for the log. */
export function describe({ deed, target, lasts }: Fault): string {
  const seconds = `${(lasts / 1000).toFixed(1)} s`;
  switch (deed) {
    case 'kill':
      return target === 'everything'
        ? `kill -9 everything, as where the machine loses its power; back after ${seconds}`
        : `kill -9 ${target}`;
    case 'pause':
      return `pause ${target} for ${seconds}`;
    case 'stall':
      return `no answer from the ${target} for ${seconds}`;
    case 'reset':
      return `connections to the ${target} break, and none is taken for ${seconds}`;
    case 'fill':
      return `the store's disk is full for ${seconds}`;
  }
}
