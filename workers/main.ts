import { availableParallelism, hostname } from 'node:os';
import { Worker, type WorkerOptions } from '@temporalio/worker';
import { createActivities } from '../activities';
import { failureInterceptor } from '../activities/failures';
import type { Queue } from '../contracts/names';
import { workerIdentity } from '../contracts/worker-identity';
import type { Settings } from '../contracts/schemas/settings';
import type { Logger } from '../lib/logging/logger';
import { findTrainingDevices } from '../native/training-devices';
import { thisMachine } from '../native/world';
import { openStore } from '../lib/storage/open-store';
import { writeQuarantine } from '../lib/training/quarantines';
import { WarmTrainers } from '../lib/training/warm-trainers';
import { WorkerHealth, type Quarantine } from '../lib/training/worker-health';
import { workflowCode } from './bundle';
import { connect } from './connection';
import { createDependencies } from './dependencies';
import { dataConverterOf } from './payload-encryption';
import { watchRegistry } from './registry-watch';
import { registerSearchAttributes } from './search-attributes';
import { restingSlots } from './resting-slots';
import { installRuntime, tellQuarantine } from './telemetry';
import { watchIdleness } from './idleness';

interface WorkerProcess {
  readonly settings: Settings;
  /** The process's own, from which trainers are given what they need. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly queues: readonly Queue[];
  readonly logger: Logger;
  /** Ends the process's work in good order. */
  readonly signal: AbortSignal;
  /** Told once every queue is polled. */
  readonly onReady?: () => void;
  /** Milliseconds without any activity after which the process's work ends as by `signal`. */
  readonly endWhenIdle?: number | undefined;
}

/**
 * Polls the given queues until `signal` is aborted: then running activities have two seconds to end by
 * themselves, are cancelled, and are done again by another worker or the next start. The same where it is to end when idle, and
 * is.
 */
export async function runWorker({
  settings,
  environment,
  queues,
  logger,
  signal,
  onReady,
  endWhenIdle,
}: WorkerProcess): Promise<void> {
  installRuntime(logger, settings.workerMetrics);
  const dataConverter = dataConverterOf(settings);
  const connection = await connect(settings, environment, logger, signal);
  let warm: WarmTrainers | undefined;
  try {
    const { namespace } = settings.temporal;
    await registerSearchAttributes(connection, namespace, logger);
    const gpus = queues.includes('gpu') ? await gpusOf(settings, environment, logger) : [];
    const identityOf = (queue: Queue): string =>
      workerIdentity(
        queue,
        settings.workerName ?? hostname(),
        process.pid,
        slotsOf(queue, settings, gpus.length),
      );
    const health = healthOf(identityOf('gpu'), settings, logger);
    warm = new WarmTrainers({ most: slotsOf('gpu', settings, gpus.length) });
    const activities = createActivities(createDependencies(settings, environment, { gpus, warm, health }));
    const workers = await Promise.all(
      queues.map((queue) =>
        Worker.create({
          connection,
          namespace,
          taskQueue: queue,
          identity: identityOf(queue),
          activities,
          dataConverter,
          interceptors: { activity: [() => ({ inbound: failureInterceptor })] },
          shutdownGraceTime: '2s',
          defaultHeartbeatThrottleInterval: '1s',
          maxHeartbeatThrottleInterval: '2s',
          ...optionsOf(queue, settings, gpus.length, health),
          ...(queue === 'ml' && workflowCode(dataConverter.failureConverterPath !== undefined)),
        }),
      ),
    );
    const ending = new AbortController();
    const stop = (): void => {
      ending.abort();
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    };
    signal.addEventListener('abort', stop, { once: true });
    const idle = endWhenIdle === undefined ? undefined : watchIdleness(workers, endWhenIdle, logger, stop);
    const runs = workers.map((worker) => worker.run());
    if (signal.aborted) stop();
    logger.info('Polling', {
      queues,
      slots: Object.fromEntries(queues.map((queue) => [queue, slotsOf(queue, settings, gpus.length)])),
    });
    onReady?.();
    const watching = queues.includes('ml')
      ? watchRegistry({ connection, dataConverter, settings, logger, signal: ending.signal })
      : undefined;
    try {
      await Promise.all(runs);
    } finally {
      idle?.close();
    }
    await watching;
    logger.info('Stopped', { queues });
  } finally {
    warm?.close();
    await connection.close();
  }
}

/** @throws Failure `start-refused` where CUDA was asked for and can't be had. */
async function gpusOf(
  settings: Settings,
  environment: WorkerProcess['environment'],
  logger: Logger,
): Promise<readonly string[]> {
  const { gpus, notice } = await findTrainingDevices(settings.device, environment, thisMachine());
  if (notice !== undefined) logger.warn(`Training on the CPU: ${notice}`);
  return gpus;
}

/** Activities at once: many that wait for the store, as many as cores that compute, one training a device. */
function slotsOf(queue: Queue, { gpuSlots }: Settings, gpus: number): number {
  if (queue === 'ml') return 50;
  if (queue === 'cpu') return availableParallelism();
  return gpus > 0 ? gpus : (gpuSlots ?? availableParallelism());
}

/** Of this worker; when it rests, its log and everybody who asks hear of it. */
function healthOf(worker: string, settings: Settings, logger: Logger): WorkerHealth {
  const store = openStore(settings.store, { gcsEndpoint: settings.gcsEndpoint });
  tellQuarantine(false);
  const onChange = (quarantine: Quarantine | undefined): void => {
    if (quarantine) logger.error('In quarantine: no trainings for a while', { ...quarantine });
    else logger.info('Out of quarantine', { worker });
    tellQuarantine(quarantine !== undefined);
    writeQuarantine(store, worker, quarantine).catch((error: unknown) => {
      logger.warn('The quarantine was not written to the store', { worker, error: String(error) });
    });
  };
  return new WorkerHealth({ worker, onChange });
}

function optionsOf(
  queue: Queue,
  settings: Settings,
  gpus: number,
  health: WorkerHealth,
): Partial<WorkerOptions> {
  const slots = slotsOf(queue, settings, gpus);
  if (queue !== 'gpu') {
    return { maxConcurrentActivityTaskExecutions: slots };
  }
  const unused = { type: 'fixed-size', numSlots: 2 } as const;
  return {
    tuner: {
      activityTaskSlotSupplier: restingSlots(slots, () => health.restsFor),
      workflowTaskSlotSupplier: unused,
      localActivityTaskSlotSupplier: unused,
      nexusTaskSlotSupplier: unused,
    },
  };
}
