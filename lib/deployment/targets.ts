import type { Store } from '../storage/store';
import type { Registry } from '../registry/registry';
import type { ApiKeys } from './api-key';
import { createCloudRunClient } from './cloud-run/client';
import { createCloudRunTarget } from './cloud-run/target';
import { createLocalTarget } from './local';
import type { Targets } from './target';

export interface DeploymentSurroundings {
  /** Of this project's API. */
  readonly address: string;
  /** A fake of Google's services, in place of them. */
  readonly cloudEndpoint: string | undefined;
  /** Hosts that may be asked though they are not this machine. */
  readonly allowedHosts: readonly string[];
  readonly secrets: ApiKeys;
}

/** Every target, by its name in configurations. */
export function createTargets(
  { store, registry }: { readonly store: Store; readonly registry: Registry },
  { address, cloudEndpoint, allowedHosts, secrets }: DeploymentSurroundings,
): Targets {
  return {
    local: createLocalTarget({ registry, address, allowedHosts, secrets }),
    'cloud-run': createCloudRunTarget({
      client: createCloudRunClient(cloudEndpoint),
      storeLocation: store.location,
      isFake: cloudEndpoint !== undefined,
      secrets,
    }),
  };
}
