import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { Failure } from '../../contracts/failures';
import type { RunRef } from '../../contracts/refs';
import { trainerReportSchema, type TrainerOrder, type TrainerReport } from '../../contracts/schemas/trainer';
import { asKilledForMemory, oomKillsOf } from './out-of-memory';
import { startTeam } from './parallel/start-team';
import { trainerEnvironment } from './trainer-environment';
import type { TrainerStart, WholeStart } from './trainer-start';

/** A checkpoint takes far less; a bucket may take longer than a folder. */
const graceMs = 20_000;

/** Characters of a dead trainer's last words that are kept. */
const lastWords = 2000;

/**
 * Trains one run to its end.
 *
 * @returns the ref of the run's `result.json`.
 * @throws as {@link startTrainerUntil}
 */
export async function startTrainer(start: WholeStart): Promise<RunRef> {
  const result = await startTrainerUntil(start);
  if (!result) throw new Error('a run that has no `until` is trained to its end');
  return result;
}

/**
 * Trains one run in a process of its own, or in several that share its steps, and waits for them to be gone. The job's
 * `threads` are what TensorFlow gets in each.
 *
 * @returns the ref of the run's `result.json`; undefined where it stopped at the job's `until`.
 * @throws Failure that the trainer reported; `training-stalled`; `trainer-died` where it ended with no
 *   word; the signal's reason once that is aborted.
 */
export function startTrainerUntil(start: TrainerStart): Promise<RunRef | undefined> {
  return start.job.config.devices > 1 ? startTeam(start, startProcess) : startProcess(start);
}

async function startProcess(start: TrainerStart): Promise<RunRef | undefined> {
  const { signal, job } = start;
  const killsBefore = await oomKillsSoFar();
  signal.throwIfAborted();
  const trainer = spawnTrainer(start);

  let ending: { readonly result: RunRef | undefined } | { readonly error: unknown } | undefined;
  const end = (as: NonNullable<typeof ending>): void => {
    ending ??= as;
  };
  const kill = (error: unknown): void => {
    end({ error });
    trainer.kill('SIGKILL');
  };

  const stalled = (): void => {
    const seconds = Math.round(start.stallAfterMs / 1000);
    kill(new Failure('training-stalled', `Run ${job.run} made no progress for ${seconds} s and was ended.`));
  };
  let stallTimer = setTimeout(stalled, start.stallAfterMs);
  let graceTimer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    end({ error: signal.reason });
    trainer.send({ kind: 'stop' } satisfies TrainerOrder, () => undefined);
    graceTimer = setTimeout(() => trainer.kill('SIGKILL'), start.graceMs ?? graceMs);
  };
  signal.addEventListener('abort', onAbort, { once: true });

  let said = '';
  for (const stream of [trainer.stdout, trainer.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-lastWords);
    });
  }

  const hear = (report: TrainerReport): void => {
    clearTimeout(stallTimer);
    stallTimer = setTimeout(stalled, start.stallAfterMs);
    if (report.kind === 'progress') start.onProgress(report.progress);
    else if (report.kind === 'notice') start.onNotice?.(report.message);
    else if (report.kind === 'epoch') start.onEpoch?.(report.metrics);
    else if (report.kind === 'done') end({ result: report.result });
    else if (report.kind === 'reached') end({ result: undefined });
    else if (report.kind === 'failed') end({ error: failureOf(report) });
    else end({ error: new Error('The trainer stopped, and nobody had asked it to.') });
  };
  trainer.on('message', (message: unknown) => {
    const report = trainerReportSchema.safeParse(message);
    if (report.success) hear(report.data);
    else kill(new Error('The trainer sent what is no report.', { cause: report.error }));
  });

  try {
    const gone = closed(trainer);
    // Where it could not even start, or is gone already, `gone` tells why.
    trainer.send(job, () => undefined);
    const { how, ...death } = await gone;
    const { batch_size: batch, micro_batch: microBatch = batch } = job.config;
    const oomKills = (await oomKillsSoFar()) - killsBefore;
    end({
      error:
        asKilledForMemory({ ...death, oomKills }, { batch, microBatch }) ??
        new Failure('trainer-died', `Run ${job.run}: the trainer ${how}.${quoted(said)}`),
    });
  } finally {
    clearTimeout(stallTimer);
    clearTimeout(graceTimer);
    signal.removeEventListener('abort', onAbort);
  }
  if (ending && 'result' in ending) return ending.result;
  throw ending?.error;
}

function spawnTrainer({ command, environment, job, visibleDevice }: TrainerStart): ChildProcess {
  const [program, ...parameters] = command;
  if (program === undefined) throw new Error('the command names no program');
  return spawn(program, parameters, {
    // A group of its own: Ctrl-C in a terminal goes to the whole group, and the worker is to decide.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: trainerEnvironment(environment, {
      threads: job.config.threads,
      precision: job.config.precision,
      ...(visibleDevice !== undefined && { visibleDevice }),
    }),
  });
}

interface Death {
  /** In words. */
  readonly how: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Resolves, once the process is gone and its output read, with how it ended. */
function closed(trainer: ChildProcess): Promise<Death> {
  return new Promise((resolve) => {
    trainer.on('error', (error) =>
      resolve({ how: `could not be started (${error.message})`, code: null, signal: null }),
    );
    trainer.once('close', (code, signal) => {
      resolve({
        how: signal ? `was ended by ${signal}` : `ended with code ${String(code)}`,
        code,
        signal,
      });
    });
  });
}

/** Of this machine since it started; 0 where the kernel doesn't count. */
async function oomKillsSoFar(): Promise<number> {
  return oomKillsOf(await readFile('/proc/vmstat', 'utf8').catch(() => ''));
}

function failureOf({ failure }: Extract<TrainerReport, { kind: 'failed' }>): Error {
  return failure.type ? new Failure(failure.type, failure.message) : new Error(failure.message);
}

function quoted(said: string): string {
  const text = said.trim();
  return text === '' ? '' : ` Its last words:\n${text}`;
}
