import { Context, log } from '@temporalio/activity';
import type { PreparedRef, RunRef } from '../contracts/refs';
import type { EpochReport, TrainPart } from '../contracts/inputs';
import type { TrainedSoFar, TrainResult } from '../contracts/results';
import { runConfigSchema, type RunConfig } from '../contracts/schemas/run';
import {
  comparedMetrics,
  runResultSchema,
  type EpochMetrics,
  type RunResult,
} from '../contracts/schemas/documents';
import type { Tracking } from '../contracts/schemas/tracking';
import type { DevicePool } from '../lib/training/device-pool';
import { isBetter } from '../lib/training/best-epoch';
import { runId } from '../lib/training/run-id';
import type { WorkerHealth } from '../lib/training/worker-health';
import { startTrainerUntil } from '../lib/training/start-trainer';
import { toldProgress } from '../lib/training/told-progress';
import type { WarmTrainers } from '../lib/training/warm-trainers';
import { digestOf, readJson } from '../lib/storage/refs';
import type { Store } from '../lib/storage/store';
import { storeUri } from '../contracts/refs';
import { secondsOf, tellEpochs, valueOf } from './epoch-reports';
import { withHeartbeat } from './heartbeat';
import { countEpoch, countTraining } from './metrics';
import { parseInput } from './input';

export interface TrainInput {
  readonly config: RunConfig;
  readonly prepared: PreparedRef;
}

interface Dependencies {
  readonly store: Store;
  readonly gcsEndpoint: string | undefined;
  readonly tracking: Tracking;
  /** Of which a trainer gets what it needs. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** How this machine starts a trainer process. */
  readonly trainer: readonly string[];
  /** Where trainers wait between trainings; where it is missing, each ends with its own. */
  readonly warm?: WarmTrainers | undefined;
  /** This worker's GPUs; an empty pool where it trains on the CPU. */
  readonly devices: DevicePool;
  /** Whether this worker can train at all; where it is missing, nobody asks. */
  readonly health?: WorkerHealth | undefined;
  /** Milliseconds of silence after which a trainer counts as stuck, is killed, and is tried again. */
  readonly stallAfterMs: number;
}

/**
 * Training runs in a process that does nothing else meanwhile: a long native step would starve heartbeats and workflow tasks
 * here, and a process that ends gives back all its memory. Runs are named by what they are made of, so training the
 * same again finds the result, and an interrupted run its checkpoints.
 */
export function createTrainingActivities({
  store,
  gcsEndpoint,
  tracking,
  environment,
  trainer,
  warm,
  devices,
  health,
  stallAfterMs,
}: Dependencies) {
  return {
    /** A run that was finished before, or undefined. */
    async recallRun({
      config: given,
      prepared,
      report,
    }: TrainInput & TrainPart): Promise<TrainResult | undefined> {
      const config = parseInput(runConfigSchema, given, 'train');
      const key = `runs/${runId(config, prepared)}/result.json`;
      const found = await store.readVersioned(key);
      if (!found) return undefined;
      const value: unknown = JSON.parse(found.bytes.toString());
      return summary(runResultSchema.parse(value), { uri: storeUri(key), sha256: digestOf(value) }, report);
    },

    /**
     * Trains until the end, or until the epoch that it is given. A cancellation, a pause of this activity, and the worker's shutdown save a checkpoint first; the
     * next attempt, of the same run or of another with the same configuration, goes on from that step.
     */
    async trainRun({
      until,
      report: asked,
      ...input
    }: TrainInput & TrainPart): Promise<TrainResult | TrainedSoFar> {
      const config = parseInput(runConfigSchema, input.config, 'train');
      const job = {
        storeLocation: store.location,
        ...(gcsEndpoint !== undefined && { gcsEndpoint }),
        config,
        prepared: input.prepared,
        run: runId(config, input.prepared),
        tracking,
        ...(until !== undefined && { until }),
      };
      const epochs: EpochMetrics[] = [];
      const teller = tellEpochs(job.run, asked);
      const ref = await withHeartbeat<RunRef | undefined>(async (report, signal) => {
        const lease = await devices.lease(config.devices, signal);
        epochs.length = 0;
        return startTrainerUntil({
          command: trainer,
          warm,
          visibleDevices: lease.devices,
          job,
          environment,
          onProgress: (progress) => {
            report(toldProgress(progress));
          },
          onNotice: (message) => {
            log.info(message, { run: job.run });
          },
          onEpoch: (metrics) => {
            epochs.push(metrics);
            countEpoch(metrics);
            teller.tell(epochs);
          },
          signal,
          stallAfterMs,
        }).finally(lease.release);
      }).catch(async (error: unknown) => {
        const stopped = Context.current().cancellationSignal.aborted;
        if (stopped) {
          teller.tellLast(epochs);
          await teller.told();
        }
        countTraining(stopped ? 'stopped' : 'failed');
        throw health && !stopped ? health.failed(job.run, error) : error;
      });
      health?.worked();
      countTraining(ref ? 'finished' : 'part');
      await teller.told();
      if (ref) return summary(await readJson(store, ref, runResultSchema), ref, asked);
      const best = epochs.reduce((one, other) => (isBetter(other, one, config.best_by) ? other : one));
      return { run: job.run, ...figures(best, epochs), ...curve(epochs, asked) };
    },
  };
}

function summary(
  { run, best, history }: RunResult,
  result: RunRef,
  report: EpochReport | undefined,
): TrainResult {
  return { run, result, ...figures(best, history), ...curve(history, report) };
}

/** For whoever asked of it: in place of what was told on the way, which may be of a part that was stopped. */
function curve(
  history: readonly EpochMetrics[],
  report: EpochReport | undefined,
): Pick<TrainResult, 'values'> {
  return report === undefined ? {} : { values: history.map((epoch) => valueOf(epoch, report.metric)) };
}

function figures(best: EpochMetrics, history: readonly EpochMetrics[]) {
  return { metrics: comparedMetrics(best), epochs: history.length, seconds: secondsOf(history) };
}
