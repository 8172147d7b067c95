import { Failure } from '../../contracts/failures';
import {
  trainerJobSchema,
  trainerOrderSchema,
  type TrainerJob,
  type TrainerProgress,
  type TrainerReport,
} from '../../contracts/schemas/trainer';
import { asOutOfMemory } from './out-of-memory';
import { openStore } from '../storage/open-store';

/** A job that leaves more behind has its process end: what others would have for their pictures. */
const mostMemory = 1024 ** 3;

/**
 * The trainer process: waits for a job from the worker that started it (by IPC), trains, tells how far it is, and waits for the
 * next, until the worker disconnects. Told to stop, or on SIGTERM, it saves a checkpoint first and ends; where its worker is
 * gone it ends at once, because another may have begun to go on from the last one. Ctrl-C is for the worker to act on.
 *
 * Never returns; `lib/training/start-trainer.ts` is the other end.
 *
 * @throws Failure `start-refused` where no worker started this process.
 */
export async function runTrainer(): Promise<void> {
  if (process.send === undefined || !process.connected) {
    throw new Failure('start-refused', 'A trainer is started by a worker. To train, use drover run train.');
  }
  /** Of the job under way. */
  let stopping: AbortController | undefined;
  /** Whether SIGTERM is why. */
  const ending = { terminated: false };
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => {
    ending.terminated = true;
    if (!stopping) process.exit(143);
    stopping.abort(new Stopped());
  });
  process.on('disconnect', () => process.exit(stopping ? 1 : 0));
  let onJob: (message: unknown) => void = () => undefined;
  process.on('message', (message: unknown) => {
    if (!trainerOrderSchema.safeParse(message).success) onJob(message);
    else if (stopping) stopping.abort(new Stopped());
    else process.exit(0);
  });

  for (let jobs = 0; ; jobs += 1) {
    const asked = new Promise<{ readonly job: TrainerJob; readonly signal: AbortSignal }>(
      (resolve, reject) => {
        onJob = (message) => {
          const { signal } = (stopping = new AbortController());
          const parsed = trainerJobSchema.safeParse(message);
          if (parsed.success) resolve({ job: parsed.data, signal });
          else reject(new Error('The trainer was sent what is no job.', { cause: parsed.error }));
        };
      },
    );
    if (jobs > 0) send({ kind: 'waiting' });
    const { job, signal } = await asked.catch(fail);
    try {
      const leftBehind = await doJob(job, signal);
      stopping = undefined;
      if (job.part || leftBehind > 0 || process.memoryUsage.rss() > mostMemory) process.exit(0);
    } catch (error) {
      const { batch_size: batch, micro_batch: microBatch = batch } = job.config;
      if (!(error instanceof Stopped)) await fail(asOutOfMemory(error, { batch, microBatch }) ?? error);
      if (!ending.terminated) await sent({ kind: 'stopped' });
      process.exit(ending.terminated ? 143 : 0);
    }
  }
}

/** @returns how many tensors it left behind. */
async function doJob(job: TrainerJob, signal: AbortSignal): Promise<number> {
  const { trainUntil, followRun, liveTensors } = await withTensorflow();
  const before = liveTensors();
  const store = openStore(
    job.storeLocation,
    job.gcsEndpoint === undefined ? {} : { gcsEndpoint: job.gcsEndpoint },
  );
  const onProgress = (progress: TrainerProgress): void => {
    send({ kind: 'progress', progress });
  };
  // Who follows goes on when it is told to stop: the leader has its answers until that has saved, then the worker ends it.
  if (job.part && job.part.k > 0) return followRun(store, job, job.part, onProgress);
  const result = await trainUntil(store, job, {
    onProgress,
    onNotice: (message) => send({ kind: 'notice', message }),
    onEpoch: (metrics) => send({ kind: 'epoch', metrics }),
    signal,
    tracking: job.tracking,
  });
  await sent(result ? { kind: 'done', result } : { kind: 'reached' });
  return liveTensors() - before;
}

class Stopped extends Error {}

/** Loads TensorFlow, which only this process does, and only now: whoever waits for it hears why it can't. */
async function withTensorflow() {
  try {
    return {
      ...(await import('./trainer')),
      ...(await import('./parallel/follow')),
      ...(await import('../tensorflow/handles')),
    };
  } catch (error) {
    throw new Failure(
      'native-missing',
      `TensorFlow can't be loaded (${firstLine(error)}). \`npx drover doctor\` says what is missing.`,
      { cause: error },
    );
  }
}

/** Tells the worker what went wrong, and ends. */
async function fail(error: unknown): Promise<never> {
  const failure =
    error instanceof Failure
      ? { type: error.type, message: error.message }
      : { message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  await sent({ kind: 'failed', failure });
  process.exit(1);
}

function send(report: TrainerReport): void {
  process.send?.(report);
}

/** Resolves once the message has left this process, which may then end. */
function sent(report: TrainerReport): Promise<void> {
  return new Promise((resolve) => {
    // An error means that nobody listens any more; then there is nobody to tell.
    process.send?.(report, undefined, undefined, () => resolve());
  });
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
