import { spawn } from 'node:child_process';
import { Failure } from '../../../contracts/failures';
import {
  rehearsalReportSchema,
  type Profile,
  type RateRange,
  type RehearsalJob,
} from '../../../contracts/schemas/rehearsal';
import { trainerEnvironment } from '../trainer-environment';

export interface RehearsalStart<Job extends RehearsalJob> {
  /** How this machine starts the process (`runRehearsal`): the program, then its arguments. */
  readonly command: readonly string[];
  readonly job: Job;
  /** Of which the process is given what a trainer is given. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onProgress: (done: number, total: number) => void;
  /** Aborting ends the process: there is nothing to save. */
  readonly signal: AbortSignal;
}

type ResultOf<Job extends RehearsalJob> = Extract<Profile | RateRange, { kind: Job['kind'] }>;

/** Characters of a dead process' last words that are kept. */
const lastWords = 2000;

/**
 * Rehearses in a process of its own, with the threads of the job's configuration, which TensorFlow reads only while
 * it is loaded.
 *
 * @throws Failure that the process reported; `trainer-died` where it ended with no word; the signal's reason.
 */
export async function startRehearsal<Job extends RehearsalJob>({
  command: [program, ...parameters],
  job,
  environment,
  onProgress,
  signal,
}: RehearsalStart<Job>): Promise<ResultOf<Job>> {
  signal.throwIfAborted();
  if (program === undefined) throw new Error('the command names no program');
  const child = spawn(program, parameters, {
    // A group of its own: Ctrl-C in a terminal goes to the whole group, and the command is to decide.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: trainerEnvironment(environment, { threads: job.config.threads, precision: job.config.precision }),
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-lastWords);
    });
  }
  const onAbort = (): void => void child.kill('SIGKILL');
  signal.addEventListener('abort', onAbort, { once: true });

  let ending: { readonly result: Profile | RateRange } | { readonly error: unknown } | undefined;
  child.on('message', (message: unknown) => {
    const read = rehearsalReportSchema.safeParse(message);
    if (!read.success) {
      ending ??= { error: new Error('The rehearsal sent what is no report.', { cause: read.error }) };
      child.kill('SIGKILL');
    } else if (read.data.kind === 'progress') onProgress(read.data.done, read.data.total);
    else if (read.data.kind === 'done') ending ??= { result: read.data.result };
    else {
      const { type, message: text } = read.data.failure;
      ending ??= { error: type ? new Failure(type, text) : new Error(text) };
    }
  });

  try {
    const how = await new Promise<string>((resolve) => {
      child.on('error', (error) => resolve(`could not be started (${error.message})`));
      child.once('close', (code, by) =>
        resolve(by ? `was ended by ${by}` : `ended with code ${String(code)}`),
      );
      // Where it could not even start, that is told above.
      child.send(job, () => undefined);
    });
    signal.throwIfAborted();
    const words = said.trim() === '' ? '' : ` Its last words:\n${said.trim()}`;
    ending ??= { error: new Failure('trainer-died', `The process of the rehearsal ${how}.${words}`) };
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
  if ('error' in ending) throw ending.error;
  const { result } = ending;
  if (!answers(job, result)) throw new Error(`A ${job.kind} was answered by a ${result.kind}.`);
  return result;
}

function answers<Job extends RehearsalJob>(job: Job, result: Profile | RateRange): result is ResultOf<Job> {
  return result.kind === job.kind;
}
