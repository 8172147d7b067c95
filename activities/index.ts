import type { Tracking } from '../contracts/schemas/tracking';
import type { Memo } from '../lib/memo/memo';
import type { Registry } from '../lib/registry/registry';
import type { DeploymentSurroundings } from '../lib/deployment/targets';
import type { SourceOptions } from '../lib/data/sources/source';
import type { Store } from '../lib/storage/store';
import type { DevicePool } from '../lib/training/device-pool';
import type { WarmTrainers } from '../lib/training/warm-trainers';
import type { WorkerHealth } from '../lib/training/worker-health';
import { createBackboneActivities } from './backbones';
import { createConfigurationActivities } from './configuration';
import { createDatasetActivities } from './datasets';
import { createDeploymentActivities } from './deployment';
import { createEvaluationActivities } from './evaluation';
import { createFormsActivities } from './forms';
import { createGpuWorkersActivities } from './gpu-workers';
import { createMonitorActivities } from './monitor';
import { createPromotionActivities } from './promotion';
import { createRegistryActivities } from './registry';
import { createTrainingActivities } from './training';
import { createSweepActivities } from './sweeps';
import { createWatchingActivities } from './watching';
import { createWebhookActivities } from './webhooks';

export interface ActivityDependencies {
  readonly store: Store;
  readonly registry: Registry;
  readonly memo: Memo;
  /** The folder whose `configs/` and relative paths are meant. */
  readonly project: string;
  /** Drover's own configurations, for a project that has none. */
  readonly defaults: string;
  /** What sources may touch. */
  readonly sources: Omit<SourceOptions, 'onProgress' | 'signal'>;
  readonly gcsEndpoint: string | undefined;
  /** What deployments may touch. */
  readonly deployment: DeploymentSurroundings;
  /** Where the operator has runs sent to. */
  readonly tracking: Tracking;
  /** What trainers inherit of. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds of silence after which a trainer counts as stuck. */
  readonly stallAfterMs: number;
  readonly trainer: readonly string[];
  /** Of a worker that trains: its trainers between trainings. */
  readonly warm?: WarmTrainers | undefined;
  /** This worker's GPUs; an empty pool where it trains on the CPU. */
  readonly devices: DevicePool;
  /** Of a worker that trains. */
  readonly health?: WorkerHealth | undefined;
}

/** Every activity; which of them a worker is asked for is decided by the queue that it polls. */
export function createActivities(dependencies: ActivityDependencies) {
  return {
    ...createConfigurationActivities(dependencies),
    ...createDatasetActivities(dependencies),
    ...createBackboneActivities(dependencies),
    ...createSweepActivities(dependencies),
    ...createTrainingActivities(dependencies),
    ...createEvaluationActivities(dependencies),
    ...createRegistryActivities(dependencies),
    ...createFormsActivities(dependencies),
    ...createPromotionActivities(dependencies),
    ...createWatchingActivities(dependencies),
    ...createWebhookActivities(dependencies),
    ...createDeploymentActivities(dependencies),
    ...createGpuWorkersActivities(dependencies),
    ...createMonitorActivities(dependencies),
  };
}

export type Activities = ReturnType<typeof createActivities>;
