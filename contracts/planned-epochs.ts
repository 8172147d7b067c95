import type { RunConfig } from './schemas/run';

/** Epochs of fine-tuning that a run was to have after `epochs` of a head alone; 0 where it was to have none. */
export function fineTuningOf({ network }: Pick<RunConfig, 'network'>): number {
  return network.name === 'transfer' ? (network.fine_tune?.epochs ?? 0) : 0;
}

/** Epochs that a run is planned to have: a head's, and those of the fine-tuning after it. */
export function plannedEpochs(config: Pick<RunConfig, 'epochs' | 'network'>): number {
  return config.epochs + fineTuningOf(config);
}
