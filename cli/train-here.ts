import type { RunRef } from '../contracts/refs';
import type { Settings } from '../contracts/schemas/settings';
import type { Store } from '../lib/storage/store';
import { startTrainer } from '../lib/training/start-trainer';
import { environmentOn } from '../lib/training/trainer-environment';
import type { WholeStart } from '../lib/training/trainer-start';
import { findTrainingDevices } from '../native/training-devices';
import { thisMachine, type World } from '../native/world';
import type { Console } from './display/console';
import type { Steps } from './display/steps';
import { reportTraining } from './display/training';
import type { Outside } from './settings';

export interface TrainingHere {
  readonly settings: Settings;
  readonly store: Store;
  readonly outside: Outside;
  readonly out: Console;
  readonly steps: Steps;
  readonly signal: AbortSignal;
  readonly world?: World;
}

/**
 * Trains a run in trainer processes of this one, which are given this machine's GPUs as a worker gives them.
 *
 * @throws Failure `start-refused` where GPUs are asked for that are not there; as `startTrainer`.
 */
export async function trainHere(
  job: Omit<WholeStart['job'], 'storeLocation' | 'gcsEndpoint' | 'part'>,
  { settings, store, outside, out, steps, signal, world = thisMachine() }: TrainingHere,
): Promise<RunRef> {
  const { environment, program } = outside;
  const { gpus, notice } = await findTrainingDevices(settings.device, environment, world);
  if (notice !== undefined) out.say(`Training on the CPU: ${notice}`);
  return startTrainer({
    command: [process.execPath, program, 'trainer'],
    job: {
      ...job,
      storeLocation: store.location,
      ...(settings.gcsEndpoint !== undefined && { gcsEndpoint: settings.gcsEndpoint }),
    },
    environment: environmentOn(settings.device, environment),
    visibleDevices: gpus.slice(0, job.config.devices),
    onProgress: (progress) => reportTraining(steps, progress),
    onNotice: (message) => out.say(message),
    signal,
    stallAfterMs: settings.stallAfterMs,
  });
}
