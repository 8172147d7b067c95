import { Failure } from '../../contracts/failures';
import { asSeen, type TrialSeen } from '../../contracts/search';
import type { SweepConfig } from '../../contracts/schemas/sweep';
import type { Store } from '../storage/store';
import { readSweepRecord } from './sweep-records';

/**
 * The trials of the sweeps that `warm_start` names, as a search sees them: those that have ended, with their metric.
 *
 * @throws Failure `configuration-invalid` where a sweep has no record in the store, or looked for another metric.
 */
export async function earlierTrials(
  store: Store,
  { warm_start: sweeps = [], metric }: Pick<SweepConfig, 'warm_start' | 'metric'>,
): Promise<readonly TrialSeen[]> {
  const earlier: TrialSeen[] = [];
  for (const sweep of sweeps) {
    const record = await readSweepRecord(store, sweep);
    if (record === undefined) {
      throw new Failure(
        'configuration-invalid',
        `warm_start: there is no record of a sweep ${sweep}; one is written when a sweep ends. ` +
          'Name sweeps by their workflow ids.',
      );
    }
    const found = record.config.metric.name;
    if (found !== metric.name) {
      throw new Failure(
        'configuration-invalid',
        `warm_start: ${sweep} looked for ${found}, and this sweep looks for ${metric.name}; their trials can't be compared.`,
      );
    }
    earlier.push(...record.trials.filter(({ state }) => state !== 'running').map(asSeen));
  }
  return earlier;
}
