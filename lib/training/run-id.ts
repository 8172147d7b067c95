import type { PreparedRef } from '../../contracts/refs';
import type { RunConfig } from '../../contracts/schemas/run';
import { digestOf } from '../storage/refs';

/** Goes up whenever the same configuration and data would give another model. */
const trainVersion = 1;

/**
 * A run is named by what it is made of: the same configuration on the same prepared set is the same run,
 * so that it is found again where it is finished, and goes on where it was interrupted.
 *
 * @returns 16 hexadecimal digits.
 */
export function runId(config: RunConfig, prepared: PreparedRef): string {
  return digestOf({ stage: 'train', version: trainVersion, config, prepared: prepared.sha256 }).slice(0, 16);
}
