import type { TrainerProgress } from '../../contracts/schemas/trainer';
import { toldProgress } from '../../lib/training/told-progress';
import type { Steps } from './steps';

/** A trainer's progress as the step `train`. */
export function reportTraining(steps: Steps, progress: TrainerProgress): void {
  const { done, total, unit, note, training } = toldProgress(progress);
  const amount = { done, total, unit, ...(training && { timed: true }) };
  steps.report('train', total > 0 ? amount : undefined, note);
}
