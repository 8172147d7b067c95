import type { PreparedRef } from '../../contracts/refs';
import type { RunConfig } from '../../contracts/schemas/run';
import { stageVersions } from '../../contracts/stages';
import { digestOf } from '../storage/refs';

/**
 * A run is named by what it is made of: the same configuration on the same prepared set is the same run,
 * so that it is found again where it is finished, and goes on where it was interrupted.
 *
 * @returns 16 hexadecimal digits.
 */
export function runId(config: RunConfig, prepared: PreparedRef): string {
  return digestOf({ stage: 'train', version: stageVersions.train, config, prepared: prepared.sha256 }).slice(
    0,
    16,
  );
}
