import { DefaultLogger, makeTelemetryFilterString, Runtime } from '@temporalio/worker';
import type { Logger } from '../lib/logging/logger';

const levels = { TRACE: 'debug', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

let installed = false;

/** Sends the SDK's own log, and its Rust core's, into ours: once a process, before any connection. */
export function installRuntime(logger: Logger): void {
  if (installed) return;
  installed = true;
  Runtime.install({
    // Drover's entry points decide when a process ends.
    shutdownSignals: [],
    // By these a sweep knows how many trainings there can be at once.
    workerHeartbeatInterval: '15s',
    logger: new DefaultLogger('INFO', ({ level, message, meta }) => {
      const { error, workflowId, workflowType, activityType, activityId, attempt, taskQueue } = meta ?? {};
      logger[levels[level]](message, {
        error,
        workflowId,
        workflowType,
        activityType,
        activityId,
        attempt,
        taskQueue,
      });
    }),
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
    },
  });
}
