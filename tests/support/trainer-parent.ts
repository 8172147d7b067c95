import type { TrainerJob } from '../../contracts/schemas/trainer';
import { startTrainer } from '../../lib/training/start-trainer';

/** A worker with one training, to be killed: says `training` once it is under way. */
const [, , job, ...command] = process.argv;

void startTrainer({
  command,
  job: JSON.parse(job ?? '') as TrainerJob,
  environment: process.env,
  onProgress: ({ phase }) => {
    if (phase === 'training') process.stdout.write('training\n');
  },
  signal: new AbortController().signal,
  stallAfterMs: 60_000,
});
