import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ActivityDependencies } from '../activities';
import type { Settings } from '../contracts/schemas/settings';
import { createMemo } from '../lib/memo/memo';
import { sourceOptions } from '../lib/data/sources/source-options';
import { createRegistry } from '../lib/registry/registry';
import { DevicePool } from '../lib/training/device-pool';
import { environmentOn } from '../lib/training/trainer-environment';
import type { WarmTrainers } from '../lib/training/warm-trainers';
import type { WorkerHealth } from '../lib/training/worker-health';
import { openStore } from '../lib/storage/open-store';

/** Where Drover itself is installed: the sources' root, or that of an image. */
const installation = [join(__dirname, '..'), join(__dirname, '..', '..')].find((folder) =>
  existsSync(join(folder, 'bin', 'drover.js')),
);

/** What a worker that trains has for it. */
interface ForTraining {
  /** UUIDs; none where it trains on the CPU. */
  readonly gpus: readonly string[];
  readonly warm: WarmTrainers;
  readonly health: WorkerHealth;
}

/** Everything that activities are given, made from the settings in one place. */
export function createDependencies(
  settings: Settings,
  environment: ActivityDependencies['environment'],
  training?: ForTraining,
): ActivityDependencies {
  const { gcsEndpoint } = settings;
  const store = openStore(settings.store, { ...(gcsEndpoint !== undefined && { gcsEndpoint }) });
  const root = installation ?? settings.project;
  const sources = sourceOptions(settings, environment);
  return {
    store,
    registry: createRegistry(store),
    memo: createMemo(store),
    project: settings.project,
    defaults: join(root, 'configs'),
    sources,
    gcsEndpoint,
    deployment: {
      address: apiAddress(settings),
      cloudEndpoint: settings.cloudEndpoint,
      allowedHosts: settings.sources.allowedHosts,
      secrets: sources.network.secrets,
    },
    tracking: settings.tracking,
    environment: environmentOn(settings.device, environment),
    stallAfterMs: settings.stallAfterMs,
    trainer: [process.execPath, join(root, 'bin', 'drover.js'), 'trainer'],
    devices: new DevicePool(training?.gpus ?? []),
    warm: training?.warm,
    health: training?.health,
  };
}

/** Of the API that this project's settings start, from this machine. */
function apiAddress({ api: { host, port } }: Settings): string {
  const reached = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`;
}
