import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { cellValues } from '../search/table/cells';
import { meets } from './target';

/** A trial's validation accuracy after an epoch. */
export interface Look {
  /** Whatever tells a side's trials apart. */
  readonly trial: number | string;
  readonly accuracy: number;
  /** When the epoch had ended, its validation too, by the clock of the process that trained; milliseconds since 1970. */
  readonly at: number;
}

/** One side of a real race. */
export interface Way {
  readonly name: string;
  /** Seconds from an epoch's end until it is told of, at most. */
  readonly lag: number;
  /**
   * Runs until it is told to stop, or has nothing left to try, and resolves once all of it has ended.
   *
   * @param onLook - Hears of every epoch, in any order.
   */
  run(onLook: (look: Look) => void, stop: AbortSignal): Promise<void>;
}

export interface RealMet {
  /** Wall time, from nothing running to the end of the first epoch that met the target. */
  readonly seconds: number;
  /** Epochs until then, that one too. */
  readonly epochs: number;
  /** Trials that had one. */
  readonly trials: number;
  readonly accuracy: number;
}

export interface Goal {
  readonly target: number;
  /** Seconds after which a side is let go. */
  readonly cap: number;
}

/**
 * When the first epoch that met the target had ended.
 *
 * @param began - Milliseconds since 1970.
 * @returns undefined where none did in time.
 */
export function firstMet(looks: readonly Look[], began: number, { target, cap }: Goal): RealMet | undefined {
  const inOrder = looks.toSorted((one, other) => one.at - other.at);
  const first = inOrder.findIndex(({ accuracy }) => meets(accuracy, target));
  const found = inOrder[first];
  if (found === undefined || found.at - began > cap * 1000) return undefined;
  const until = inOrder.slice(0, first + 1);
  return {
    seconds: (found.at - began) / 1000,
    epochs: until.length,
    trials: new Set(until.map(({ trial }) => trial)).size,
    accuracy: found.accuracy,
  };
}

/**
 * Runs a side until an epoch's validation accuracy is at least the target, and then until nothing sooner can come.
 *
 * @param cutOff - Ends it.
 * @returns undefined where none was after so many seconds, or where the side had nothing left to try.
 * @throws The reason of `cutOff`; what ended the side; Error where it has told of no epoch at all.
 */
export async function race(way: Way, goal: Goal, cutOff: AbortSignal): Promise<RealMet | undefined> {
  cutOff.throwIfAborted();
  const stop = new AbortController();
  const end = (): void => stop.abort();
  cutOff.addEventListener('abort', end, { once: true });
  const looks: Look[] = [];
  const began = Date.now();
  let timer = setTimeout(end, (goal.cap + way.lag) * 1000);
  let isMet = false;
  try {
    await way.run((look) => {
      looks.push(look);
      if (isMet || !meets(look.accuracy, goal.target)) return;
      isMet = true;
      clearTimeout(timer);
      if (way.lag === 0) end();
      else timer = setTimeout(end, Math.max(0, look.at + way.lag * 1000 - Date.now()));
    }, stop.signal);
  } finally {
    clearTimeout(timer);
    cutOff.removeEventListener('abort', end);
    // Where one of its processes has failed: the others, too.
    end();
  }
  cutOff.throwIfAborted();
  if (looks.length === 0)
    throw new Error(`${way.name} told of no epoch in ${goal.cap} s: expected one at least`);
  return firstMet(looks, began, goal);
}

/**
 * What whole trials of a side end with.
 *
 * @returns The best validation accuracy of each of so many, the first that have all their epochs.
 * @throws As {@link race}.
 */
export async function endsOf(
  way: Way,
  { trials, epochs }: { readonly trials: number; readonly epochs: number },
  cutOff: AbortSignal,
): Promise<readonly number[]> {
  cutOff.throwIfAborted();
  const stop = new AbortController();
  const seen = new Map<Look['trial'], number[]>();
  const ends: number[] = [];
  await way.run(
    ({ trial, accuracy }) => {
      const curve = [...(seen.get(trial) ?? []), accuracy];
      seen.set(trial, curve);
      if (curve.length === epochs && ends.length < trials) ends.push(Math.max(...curve));
      if (ends.length >= trials) stop.abort();
    },
    AbortSignal.any([stop.signal, cutOff]),
  );
  cutOff.throwIfAborted();
  if (ends.length < trials) throw new Error(`${way.name} ended after ${ends.length} of ${trials} trials`);
  return ends;
}

/** `at`: seconds since 1970. */
const lineSchema = z.object({ trial: z.int(), validation_accuracy: z.number(), at: z.number() });

/** A Python process that tells of its epochs. */
async function python(
  command: readonly [string, ...string[]],
  onLook: (look: Look) => void,
  stop: AbortSignal,
): Promise<void> {
  const [file, ...args] = command;
  const child: ChildProcess = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-4000)));
  const kill = (): void => void child.kill('SIGKILL');
  stop.addEventListener('abort', kill, { once: true });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (child.stdout === null) throw new Error('A child process without its output');
  createInterface({ input: child.stdout }).on('line', (line) => {
    // What is written while it is killed may be half a line.
    if (stop.aborted) return;
    const { trial, validation_accuracy: accuracy, at } = lineSchema.parse(JSON.parse(line));
    onLook({ trial, accuracy, at: at * 1000 });
  });
  const code = await ended;
  stop.removeEventListener('abort', kill);
  if (code !== 0 && !stop.aborted) throw new Error(`${args.join(' ')} ended with ${code}:\n${said}`);
}

export interface PeerOptions {
  readonly python: string;
  /** The folder that bench/race/pictures.ts has written. */
  readonly pictures: string;
  readonly slots: number;
  readonly seed: number;
  readonly epochs: number;
}

/** A random sweep of a process a trial, as W&B's agents run one, and an Optuna study of as many workers. */
export function peerWays({
  python: file,
  pictures,
  slots,
  seed,
  epochs,
}: PeerOptions): readonly [random: Way, optuna: Way] {
  const script = (name: string, task: object): [string, ...string[]] => [
    file,
    '-B',
    join(__dirname, 'peers', name),
    JSON.stringify({ pictures, space: cellValues, seed, epochs, ...task }),
  ];
  const inSlots = (run: (slot: number) => Promise<void>) =>
    Promise.all(Array.from({ length: slots }, (_, slot) => run(slot))).then(() => undefined);
  return [
    {
      name: 'random, a process a trial, Keras',
      lag: 0,
      run(onLook, stop) {
        let trial = 0;
        return inSlots(async () => {
          while (!stop.aborted)
            await python(script('random_trial.py', { trial: (trial += 1) }), onLook, stop);
        });
      },
    },
    {
      name: 'Optuna, TPE and median, Keras',
      lag: 0,
      async run(onLook, stop) {
        const folder = mkdtempSync(join(tmpdir(), 'drover-race-'));
        const task = { metric: 'validation_accuracy', goal: 'maximize', journal: join(folder, 'journal') };
        try {
          await inSlots((worker) => python(script('optuna_worker.py', { ...task, worker }), onLook, stop));
        } finally {
          rmSync(folder, { recursive: true });
        }
      },
    },
  ];
}
