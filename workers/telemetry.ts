import { DefaultLogger, makeTelemetryFilterString, Runtime, type TelemetryOptions } from '@temporalio/worker';
import type { Settings } from '../contracts/schemas/settings';
import { Failure } from '../contracts/failures';
import type { Logger } from '../lib/logging/logger';

const levels = { TRACE: 'debug', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** Seconds of what may take a day: the SDK's own end where a training has hardly begun. */
const longBuckets = [1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 14_400, 43_200, 86_400];

let installed = false;

/**
 * Sends the SDK's own log, and its Rust core's, into ours, and its metrics to whoever asks `GET /metrics` at the given
 * address: once a process, before any connection.
 *
 * @throws Failure `port-in-use` where that address can't be had.
 */
export function installRuntime(logger: Logger, metrics: Settings['workerMetrics']): void {
  if (installed) return;
  installed = true;
  const telemetryOptions: TelemetryOptions = {
    logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
    ...(metrics && { metrics: exporterOf(metrics) }),
  };
  try {
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
      telemetryOptions,
    });
  } catch (error) {
    if (!metrics) throw error;
    throw new Failure(
      'port-in-use',
      `The metrics of this worker can't be told on ${addressOf(metrics)}: ${String(error)}. ` +
        'Choose another by DROVER_METRICS_PORT and DROVER_METRICS_HOST (an IP address).',
      { cause: error },
    );
  }
}

/** Prometheus' own habits: `_total` for counters, seconds for durations, units in names. */
function exporterOf(metrics: NonNullable<Settings['workerMetrics']>) {
  return {
    prometheus: {
      bindAddress: addressOf(metrics),
      countersTotalSuffix: true,
      unitSuffix: true,
      useSecondsForDurations: true,
      histogramBucketOverrides: {
        workflow_endtoend_latency: longBuckets,
        activity_execution_latency: longBuckets,
        activity_succeed_endtoend_latency: longBuckets,
        activity_schedule_to_start_latency: [0.1, ...longBuckets],
      },
    },
  };
}

function addressOf({ host, port }: NonNullable<Settings['workerMetrics']>): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The gauge of {@link tellQuarantine}. */
export const quarantineMetric = 'drover_worker_quarantined';

/** Tells Prometheus whether this worker takes no trainings for a while. */
export function tellQuarantine(rests: boolean): void {
  const help = '1 while this worker takes no trainings';
  const { metricMeter } = Runtime.instance();
  metricMeter.createGauge(quarantineMetric, 'int', undefined, help).set(rests ? 1 : 0);
}
