import type { ActivityProgress } from '../../contracts/progress';
import type { TrainerProgress } from '../../contracts/schemas/trainer';

/** What the phases that learn nothing are called. */
const doings: Readonly<Record<Exclude<TrainerProgress['phase'], 'training'>, string>> = {
  starting: 'starting',
  features: 'computing features',
  validating: 'validating',
  saving: 'saving a checkpoint',
  exporting: 'exporting the model',
};

/**
 * A training's progress as a heartbeat carries it and a person reads it: `epoch 3 of 15, loss 0.812, accuracy 71.2 %,
 * validation 68.0 %, 940 pictures/s, 2 min left`. Figures are rounded, which keeps a heartbeat at some 250 bytes.
 */
export function toldProgress(progress: TrainerProgress): ActivityProgress {
  const { phase, epoch, epochs, step, steps, loss, accuracy, examplesPerSecond, secondsLeft } = progress;
  return {
    done: step,
    total: steps,
    unit: 'steps',
    note: noteOf(progress),
    training: {
      phase,
      epoch,
      epochs,
      ...(loss !== undefined && { loss: Number(loss.toPrecision(5)) }),
      ...(accuracy !== undefined && { accuracy: Number(accuracy.toFixed(4)) }),
      picturesPerSecond: Number(examplesPerSecond.toPrecision(4)),
      ...(secondsLeft !== undefined && { secondsLeft: Math.round(secondsLeft) }),
    },
  };
}

function noteOf(progress: TrainerProgress): string {
  const { phase, epoch, epochs, loss, accuracy, examplesPerSecond, secondsLeft, last } = progress;
  const place = epoch > 0 ? [`epoch ${epoch} of ${epochs}`] : [];
  if (phase !== 'training') return [...place, doings[phase]].join(', ');
  return [
    ...place,
    ...(loss === undefined ? [] : [`loss ${loss.toPrecision(3)}`]),
    ...(accuracy === undefined ? [] : [`accuracy ${percent(accuracy)}`]),
    ...(last ? [`validation ${percent(last.validation_accuracy)}`] : []),
    ...(examplesPerSecond > 0 ? [`${Math.round(examplesPerSecond)} pictures/s`] : []),
    ...(secondsLeft === undefined ? [] : [`${shortly(secondsLeft)} left`]),
  ].join(', ');
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

/** No finer than an estimate is. */
function shortly(seconds: number): string {
  if (seconds < 59.5) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
