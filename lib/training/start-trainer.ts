import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { Failure } from '../../contracts/failures';
import type { RunRef } from '../../contracts/refs';
import { trainerReportSchema, type TrainerOrder, type TrainerReport } from '../../contracts/schemas/trainer';
import { asKilledForMemory, oomKillsOf } from './out-of-memory';
import { startTeam } from './parallel/start-team';
import { trainerEnvironment } from './trainer-environment';
import type { TrainerStart, WholeStart } from './trainer-start';
import { release, type TrainerKind } from './warm-trainers';

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
 * Trains one run in a process that does nothing else meanwhile, or in several that share its steps, and waits until they are
 * gone, or wait for another job where `warm` is given. The job's `threads` are what TensorFlow gets in each.
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
  const kind = kindOf(start);
  const warm = start.warm?.take(kind);
  const trainer = warm ?? spawnTrainer(kind);

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
    kill(
      new Failure(
        'training-stalled',
        `Run ${job.run} made no progress for ${seconds} s and was ended. Where one step takes so long here, set ` +
          'DROVER_STALL_SECONDS to more than that, or batch_size to less.',
      ),
    );
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
  const onText = (text: string): void => {
    said = (said + text).slice(-lastWords);
  };
  const streams = [trainer.stdout, trainer.stderr];
  for (const stream of streams) stream?.setEncoding('utf8').on('data', onText);

  const heard = { any: false };
  let onWaiting = (): void => undefined;
  const waits = new Promise<undefined>((resolve) => {
    onWaiting = () => resolve(undefined);
  });
  const hear = (report: TrainerReport): void => {
    heard.any = true;
    clearTimeout(stallTimer);
    stallTimer = setTimeout(stalled, start.stallAfterMs);
    if (report.kind === 'progress') start.onProgress(report.progress);
    else if (report.kind === 'notice') start.onNotice?.(report.message);
    else if (report.kind === 'epoch') start.onEpoch?.(report.metrics);
    else if (report.kind === 'done') end({ result: report.result });
    else if (report.kind === 'reached') end({ result: undefined });
    else if (report.kind === 'failed') end({ error: failureOf(report) });
    else if (report.kind === 'waiting') onWaiting();
    else end({ error: new Error('The trainer stopped, and nobody had asked it to.') });
  };
  const onMessage = (message: unknown): void => {
    const report = trainerReportSchema.safeParse(message);
    if (report.success) hear(report.data);
    else kill(new Error('The trainer sent what is no report.', { cause: report.error }));
  };
  trainer.on('message', onMessage);

  const death = deathOf(trainer);
  try {
    // Where it could not even start, or is gone already, its death tells why.
    trainer.send(job, () => undefined);
    const died = await Promise.race([death.told, waits]);
    if (died === undefined) {
      end({ error: new Error('The trainer waits for another job, and told nothing of this one.') });
      // One that was told to stop is about to end.
      if (start.warm && !signal.aborted) start.warm.keep(kind, trainer);
      else {
        release(trainer);
        await death.told;
      }
    } else if (warm && !heard.any && !signal.aborted) {
      // It ended while the job was on its way.
      return await startProcess(start);
    } else {
      const { batch_size: batch, micro_batch: microBatch = batch } = job.config;
      const oomKills = (await oomKillsSoFar()) - killsBefore;
      end({
        error:
          asKilledForMemory({ ...died, oomKills }, { batch, microBatch }) ??
          new Failure('trainer-died', `Run ${job.run}: the trainer ${died.how}.${quoted(said)}`),
      });
    }
  } finally {
    clearTimeout(stallTimer);
    clearTimeout(graceTimer);
    signal.removeEventListener('abort', onAbort);
    death.forget();
    trainer.off('message', onMessage);
    for (const stream of streams) stream?.off('data', onText);
  }
  if (ending && 'result' in ending) return ending.result;
  throw ending?.error;
}

function kindOf({ command, environment, job, visibleDevices = [] }: TrainerStart): TrainerKind {
  const [visibleDevice] = visibleDevices;
  return {
    command,
    environment: trainerEnvironment(environment, {
      threads: job.config.threads,
      precision: job.config.precision,
      ...(visibleDevice !== undefined && { visibleDevice }),
    }),
  };
}

function spawnTrainer({ command, environment }: TrainerKind): ChildProcess {
  const [program, ...parameters] = command;
  if (program === undefined) throw new Error('the command names no program');
  return spawn(program, parameters, {
    // A group of its own: Ctrl-C in a terminal goes to the whole group, and the worker is to decide.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: environment,
  });
}

interface Death {
  /** In words. */
  readonly how: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

interface DeathWatch {
  /** Once the process is gone and its output read. */
  readonly told: Promise<Death>;
  /** Listens no more. */
  readonly forget: () => void;
}

function deathOf(trainer: ChildProcess): DeathWatch {
  let forget = (): void => undefined;
  const told = new Promise<Death>((resolve) => {
    const onError = (error: Error): void =>
      resolve({ how: `could not be started (${error.message})`, code: null, signal: null });
    const onClose = (code: number | null, signal: NodeJS.Signals | null): void =>
      resolve({ how: signal ? `was ended by ${signal}` : `ended with code ${String(code)}`, code, signal });
    trainer.on('error', onError).once('close', onClose);
    forget = () => {
      trainer.off('error', onError).off('close', onClose);
    };
  });
  return { told, forget };
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
