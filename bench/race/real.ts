import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { cellValues } from '../search/table/cells';

/** A figure that a side has come to: after an epoch, or, of Drover, of a trial that has ended, as its sweep knows it then. */
export interface Look {
  readonly trial: number;
  readonly accuracy: number;
}

/** One side of a real race. */
export interface Way {
  readonly name: string;
  /**
   * Runs until it is told to stop, and resolves once all of it has ended.
   *
   * @param onLook - Hears of every figure.
   */
  run(onLook: (look: Look) => void, stop: AbortSignal): Promise<void>;
}

export interface RealMet {
  /** Wall time, from nothing running to the epoch that met the target. */
  readonly seconds: number;
  /** Figures until then. */
  readonly looks: number;
  readonly trials: number;
}

/**
 * Runs a side until an epoch's validation accuracy is at least the target.
 *
 * @returns undefined where it isn't after so many seconds.
 * @throws Error where the side ends before.
 */
export async function race(way: Way, target: number, limit: number): Promise<RealMet | undefined> {
  const began = performance.now();
  const stop = new AbortController();
  const trials = new Set<number>();
  let looks = 0;
  let met: RealMet | undefined;
  const timer = setTimeout(() => stop.abort(), limit * 1000);
  await way.run(({ trial, accuracy }) => {
    if (met || stop.signal.aborted) return;
    trials.add(trial);
    looks += 1;
    if (accuracy < target) return;
    met = { seconds: (performance.now() - began) / 1000, looks, trials: trials.size };
    stop.abort();
  }, stop.signal);
  clearTimeout(timer);
  if (!stop.signal.aborted) throw new Error(`${way.name} ended before it had met ${target}`);
  return met;
}

const lineSchema = z.object({ trial: z.int(), validation_accuracy: z.number() });

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
    const { trial, validation_accuracy: accuracy } = lineSchema.parse(JSON.parse(line));
    onLook({ trial, accuracy });
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
export function peerWays({ python: file, pictures, slots, seed, epochs }: PeerOptions): readonly Way[] {
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
      async run(onLook, stop) {
        const folder = mkdtempSync(join(tmpdir(), 'drover-race-'));
        const task = { metric: 'validation_accuracy', goal: 'maximize', journal: join(folder, 'journal') };
        await inSlots((worker) => python(script('optuna_worker.py', { ...task, worker }), onLook, stop));
        rmSync(folder, { recursive: true });
      },
    },
  ];
}
