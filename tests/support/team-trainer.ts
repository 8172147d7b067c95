import { appendFileSync } from 'node:fs';
import { trainerJobSchema } from '../../contracts/schemas/trainer';
import { runTrainer } from '../../lib/training/trainer-process';

/** A trainer process as `drover trainer` is one. Adds its process id and its place in the team to the file that it is given. */
const [, , started = ''] = process.argv;
process.on('message', (message) => {
  const job = trainerJobSchema.safeParse(message);
  if (job.success) appendFileSync(started, `${process.pid} ${job.data.part?.k ?? 0}\n`);
});

void runTrainer();
