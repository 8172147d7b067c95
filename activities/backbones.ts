import { runConfigSchema, type RunConfig } from '../contracts/schemas/run';
import { resolveBackbone } from '../lib/backbones/resolve-backbone';
import type { SourceOptions } from '../lib/data/sources/source';
import type { Store } from '../lib/storage/store';
import { withHeartbeat } from './heartbeat';
import { parseInput } from './input';

interface Dependencies {
  readonly store: Store;
  readonly sources: Omit<SourceOptions, 'onProgress' | 'signal'>;
}

/** Networks that were trained elsewhere, brought into the store before a run is named. */
export function createBackboneActivities({ store, sources }: Dependencies) {
  return {
    /** The same configuration, its backbone named by the digest of what is in the store. */
    async pinBackbone(given: RunConfig): Promise<RunConfig> {
      const config = parseInput(runConfigSchema, given, 'train');
      const { network } = config;
      if (network.name !== 'transfer') return config;
      return withHeartbeat<RunConfig>(async (_report, signal) => ({
        ...config,
        network: await resolveBackbone(store, network, { ...sources, signal }),
      }));
    },
  };
}
