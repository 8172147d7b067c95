import type { RunConfig } from '../../contracts/schemas/run';

/** Epochs that a run is planned to have: a head's, and those of the fine-tuning after it. */
export function plannedEpochs({ epochs, network }: RunConfig): number {
  return epochs + (network.name === 'transfer' ? (network.fine_tune?.epochs ?? 0) : 0);
}
