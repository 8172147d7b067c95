import { gpuWorkersConfigSchema, type GpuWorkersConfig } from '../../contracts/schemas/gpu-workers';

export const gpuWorkersSettings = {
  name: 'pets',
  vertex: {
    project: 'pets-12345',
    regions: ['europe-west4', 'europe-west1'],
    image: `europe-west4-docker.pkg.dev/pets-12345/drover/gpu-worker@sha256:${'a'.repeat(64)}`,
  },
  worker: {
    temporal_address: 'pets.example:7233',
    store: 'gs://pets/drover',
    secrets: { TEMPORAL_API_KEY: 'projects/pets-12345/secrets/temporal-key/versions/latest' },
  },
  most: 3,
  most_a_day: 20,
  backlog_per_worker: 1,
  cool_down: '1s',
  prices: {
    ...{ dated: '2026-11-25', source: 'a test', currency: 'USD' },
    hourly: [{ machine: 'n1-standard-4', accelerator: 'NVIDIA_TESLA_T4', spot: 0.5, on_demand: 1 }],
  },
};

export function gpuWorkersConfig(changes: Record<string, unknown> = {}): GpuWorkersConfig {
  return gpuWorkersConfigSchema.parse({ ...gpuWorkersSettings, ...changes });
}
