import { waitMilliseconds } from '../../contracts/waits';
import type { GpuWorkersConfig } from '../../contracts/schemas/gpu-workers';

/** `CustomJob` of Vertex AI's REST API, version 1, as it is asked for. */
export interface CustomJob {
  readonly displayName: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly jobSpec: Readonly<Record<string, unknown>>;
}

/**
 * What is asked of Google for one worker. It holds no secret: names of secrets alone, which the worker reads by itself.
 *
 * @param name - the worker's, unique for ever; also a label, by which the job is found again
 * @param store - `gs://bucket/prefix`
 */
export function customJob(
  { name: pool, vertex, worker }: GpuWorkersConfig,
  name: string,
  store: string,
): CustomJob {
  const environment: Record<string, string> = {
    ...worker.environment,
    DROVER_STORE: store,
    DROVER_DEVICE: 'cuda',
    DROVER_WORKER_NAME: name,
    TEMPORAL_ADDRESS: worker.temporal_address,
    TEMPORAL_NAMESPACE: worker.temporal_namespace,
    ...Object.fromEntries(
      Object.entries(worker.secrets).map(([variable, secret]) => [
        `DROVER_FROM_SECRET_MANAGER_${variable}`,
        secret,
      ]),
    ),
  };
  return {
    displayName: name,
    labels: { drover_pool: pool, drover_worker: name },
    jobSpec: {
      workerPoolSpecs: [
        {
          machineSpec: {
            machineType: vertex.machine,
            acceleratorType: vertex.accelerator,
            acceleratorCount: vertex.accelerators,
          },
          replicaCount: '1',
          diskSpec: { bootDiskType: 'pd-ssd', bootDiskSizeGb: vertex.disk_gb },
          containerSpec: {
            imageUri: vertex.image,
            command: ['node', 'bin/drover.js'],
            args: ['worker', '--queue', 'gpu', '--end-when-idle', worker.end_when_idle],
            env: Object.entries(environment).map(([variable, value]) => ({ name: variable, value })),
          },
        },
      ],
      scheduling: {
        timeout: `${waitMilliseconds(worker.longest) / 1000}s`,
        strategy: vertex.spot ? 'SPOT' : 'STANDARD',
        // Another is started where there is need; one that came back by itself would be nobody's.
        disableRetries: true,
      },
      ...(vertex.service_account !== undefined && { serviceAccount: vertex.service_account }),
      ...(vertex.network !== undefined && { network: vertex.network }),
    },
  };
}
