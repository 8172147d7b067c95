import { writeFile } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { errorCode } from '../../../contracts/error-code';
import { Failure } from '../../../contracts/failures';
import type { Profile, RehearsalJob } from '../../../contracts/schemas/rehearsal';
import type { Store } from '../../storage/store';
import { observeOperations } from '../../tensorflow/handles';
import { fullBatches } from '../rehearsal/full-batches';
import type { Rehearsed } from '../rehearsal/rehearsed';
import { rateAt } from '../schedule';
import { chromeTrace } from './chrome-trace';
import { createRecorder } from './recorder';

type ProfileJob = Pick<Extract<RehearsalJob, { kind: 'profile' }>, 'steps' | 'warmup' | 'trace'>;

/**
 * Takes steps as a run does and says where their time goes. The first ones, in which TensorFlow makes its plans and
 * Node its machine code, don't count.
 *
 * @throws Failure `path-refused` where the trace's file can't be written; the store's.
 */
export async function profileSteps(
  { config, phase, learner, subject, onProgress }: Rehearsed,
  store: Store,
  { steps, warmup, trace }: ProfileJob,
): Promise<Profile> {
  const stepsPerEpoch = Math.ceil(phase.train.count / config.batch_size);
  const total = warmup + steps;
  const batches = fullBatches(phase, config);
  const recorder = createRecorder();
  try {
    for (let step = 1; step <= total; step += 1) {
      if (step === warmup + 1) observeOperations(recorder.observer);
      const counts = step > warmup;
      if (counts) recorder.begin();
      const batch = batches.next().value;
      const rate = rateAt(config.schedule, phase.lr, {
        step,
        stepsPerEpoch,
        steps: stepsPerEpoch * phase.epochs,
      });
      if (counts) recorder.enter('input');
      const computed = learner.compute(batch, step);
      if (counts) recorder.enter('optimiser');
      learner.apply(computed, { step, rate });
      if (counts) recorder.enter('between');
      await nextTurn();
      if (counts) recorder.end();
      onProgress(step, total);
    }
  } finally {
    observeOperations(undefined);
  }
  const text = chromeTrace(recorder.spans, {
    ...subject,
    precision: config.precision,
    threads: config.threads,
  });
  if ('key' in trace) await store.write(trace.key, Buffer.from(text));
  else await writeTrace(trace.file, text);
  return {
    kind: 'profile',
    subject,
    ...recorder.figures(),
    trace: { events: recorder.spans.length, leftOut: recorder.leftOut },
  };
}

async function writeTrace(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text);
  } catch (error) {
    throw new Failure(
      'path-refused',
      `The trace can't be written to the file that --trace names (${errorCode(error) ?? 'unknown'}). Name one in a ` +
        'folder that exists and may be written.',
      { cause: error },
    );
  }
}
