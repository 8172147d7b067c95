import type { Profile, RateRange, RehearsalJob } from '../../../contracts/schemas/rehearsal';
import { openPrepared } from '../../data/prepared-set';
import type { Store } from '../../storage/store';
import { tensorflowDevice, tensorflowVersion } from '../../tensorflow';
import { picturesOf } from '../batches';
import { planPhases } from '../phases';
import { profileSteps } from '../profile/profile-steps';
import { sweepRates } from '../rate-range/sweep-rates';
import { loadSplit, shapeOf } from '../training-data';
import { chosenPhase } from './chosen-phase';
import type { Rehearsed } from './rehearsed';

/**
 * Trains for some steps as a run of this configuration would, and keeps nothing of what was learnt.
 *
 * @param onProgress - Hears of every step.
 * @throws Failure `dataset-invalid`, `configuration-invalid`, and the store's.
 */
export async function rehearse(
  store: Store,
  job: RehearsalJob,
  onProgress: (done: number, total: number) => void,
): Promise<Profile | RateRange> {
  const { config } = job;
  const prepared = await openPrepared(store, job.prepared);
  const shape = shapeOf(prepared);
  const train = picturesOf(await loadSplit(prepared, 'train'), shape);
  const validation = picturesOf(await loadSplit(prepared, 'validation'), shape);
  const plan = await planPhases({
    store,
    config,
    prepared,
    preparedRef: job.prepared,
    shape,
    train,
    validation,
    onFeatures: () => undefined,
  });
  try {
    const phase = chosenPhase(plan.phases, job.phase);
    const learner = phase.learner();
    const rehearsed: Rehearsed = {
      config,
      phase,
      learner,
      subject: {
        phase: phase.name,
        batch: Math.min(config.batch_size, phase.train.count),
        parameters: learner.parameters,
        device: tensorflowDevice(),
        tensorflow: tensorflowVersion(),
      },
      onProgress,
    };
    try {
      return job.kind === 'profile'
        ? await profileSteps(rehearsed, store, job)
        : await sweepRates(rehearsed, job);
    } finally {
      learner.dispose();
    }
  } finally {
    plan.model.dispose();
  }
}
