import { cpus } from 'node:os';
import { Failure } from '../../../contracts/failures';
import type { TrainerJob, TrainerPart, TrainerProgress } from '../../../contracts/schemas/trainer';
import { openPrepared } from '../../data/prepared-set';
import type { Store } from '../../storage/store';
import { tensorflowDevice, tensorflowVersion } from '../../tensorflow';
import type { Tracker } from '../../tracking/tracker';
import { picturesOf } from '../batches';
import { Checkpoints } from '../checkpoints';
import { planPhases } from '../phases';
import { runPhases } from '../trainer';
import { loadSplit, shapeOf } from '../training-data';
import { Team, teamStartSchema } from './team';

/** Milliseconds between two signs of life: who waits for the leader is not stuck. */
const beatMs = 1000;

/**
 * Computes one process' part of every step of a run and writes nothing. When there is no more to do it waits to be ended,
 * so that its worker never mistakes that for a process that died.
 *
 * @throws Failure `trainer-died` where another process is gone or read another checkpoint; `training-differs`; and those of
 *   `trainRun`.
 */
export async function followRun(
  store: Store,
  job: TrainerJob,
  part: TrainerPart,
  onProgress: (progress: TrainerProgress) => void,
): Promise<never> {
  const { config } = job;
  const device = tensorflowDevice();
  const environment = { tensorflow: tensorflowVersion(), device, cpu: cpus()[0]?.model ?? process.arch };
  let latest: TrainerProgress = {
    phase: 'starting',
    epoch: 0,
    epochs: config.epochs,
    step: 0,
    steps: 0,
    examplesPerSecond: 0,
    device,
  };
  setInterval(() => onProgress(latest), beatMs);

  const team = await Team.meet(part);
  const prepared = await openPrepared(store, job.prepared);
  const shape = shapeOf(prepared);
  const train = picturesOf(await loadSplit(prepared, 'train'), shape);
  const validation = picturesOf(await loadSplit(prepared, 'validation'), shape);
  // By then the leader has kept a backbone's features, and they are only read here.
  const start = await team.told(teamStartSchema, 0, () => Promise.reject(new Error('a follower is told')));
  const plan = await planPhases({
    store,
    config,
    prepared,
    shape,
    train,
    validation,
    preparedRef: job.prepared,
    onFeatures: () => undefined,
  });
  const checkpoints = new Checkpoints(store, job.run, environment);
  const resumed = await checkpoints.newest(() => undefined);
  const step = resumed?.step ?? 0;
  if (step !== start.step) {
    throw new Failure(
      'trainer-died',
      `Process ${part.k + 1} of ${part.n} found a checkpoint of step ${step}, and the first one of step ${start.step}. ` +
        'Somebody else may be training this run.',
    );
  }
  await runPhases({
    job,
    plan,
    resumed,
    checkpoints,
    tracker: silent,
    hooks: {
      onProgress: (progress) => {
        latest = progress;
        onProgress(progress);
      },
      onNotice: () => undefined,
      signal: new AbortController().signal,
    },
    device,
    team,
  });
  return new Promise(() => undefined);
}

const silent: Tracker = {
  step: () => undefined,
  epoch: () => undefined,
  flush: () => Promise.resolve(),
  finish: () => Promise.resolve(),
};
