import { stageInputSchemas, type StageInputs } from '../contracts/schemas/inputs';
import { claimVersion } from '../lib/data/claims';
import type { Registry } from '../lib/registry/registry';
import type { Store } from '../lib/storage/store';
import { parseInput } from './input';

interface Dependencies {
  readonly store: Store;
  readonly registry: Registry;
}

/** What `watchData` decides by. */
export function createWatchingActivities({ store, registry }: Dependencies) {
  return {
    async planWatch(given: unknown): Promise<StageInputs['watchData']> {
      // What came as JSON may be null.
      return parseInput(stageInputSchemas.watchData, given ?? undefined, 'watchData');
    },

    /** Whether this look is the one to start the pipeline: nobody has trained on the version, and nobody is about to. */
    async claimVersion(claim: { name: string; version: string; by: string }): Promise<boolean> {
      const trained = (await registry.list(claim.name)).some(
        ({ lineage }) => lineage.manifest.sha256 === claim.version,
      );
      return !trained && claimVersion(store, { ...claim, at: new Date().toISOString() });
    },
  };
}
