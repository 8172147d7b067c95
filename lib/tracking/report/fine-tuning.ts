import type { RunConfig } from '../../../contracts/schemas/run';

/** Epochs of fine-tuning that a run was to have after `epochs` of a head alone; 0 where it was to have none. */
export function fineTuningOf({ network }: RunConfig): number {
  return network.name === 'transfer' ? (network.fine_tune?.epochs ?? 0) : 0;
}
