import { Failure } from '../../../contracts/failures';
import {
  rehearsalJobSchema,
  type RehearsalJob,
  type RehearsalReport,
} from '../../../contracts/schemas/rehearsal';
import { openStore } from '../../storage/open-store';

/** Milliseconds between two reports of progress: a rehearsal may take a thousand steps a second. */
const reportEvery = 100;

/**
 * The process of a rehearsal: waits for its one job (by IPC), does it, answers, and ends. It saves nothing, so
 * whoever started it may kill it.
 *
 * Never returns; `start-rehearsal.ts` is the other end.
 *
 * @throws Failure `start-refused` where nobody could hear the answer.
 */
export async function runRehearsal(): Promise<void> {
  if (process.send === undefined || !process.connected) {
    throw new Failure('start-refused', 'Started by drover profile and drover lr-range, not by hand.');
  }
  process.on('SIGINT', () => undefined);
  process.on('disconnect', () => process.exit(1));
  try {
    const job = await new Promise<RehearsalJob>((resolve, reject) => {
      process.once('message', (message: unknown) => {
        const asked = rehearsalJobSchema.safeParse(message);
        if (asked.success) resolve(asked.data);
        else reject(new Error('The rehearsal was sent what is no job.', { cause: asked.error }));
      });
    });
    // Only this process loads TensorFlow, and only now: whoever waits for it hears why it can't.
    const { rehearse } = await import('./rehearse').catch(withoutTensorflow);
    const { storeLocation, gcsEndpoint } = job;
    const store = openStore(storeLocation, gcsEndpoint === undefined ? {} : { gcsEndpoint });
    let told = -Infinity;
    const result = await rehearse(store, job, (done, total) => {
      const now = performance.now();
      if (now - told < reportEvery && done < total) return;
      told = now;
      process.send?.({ kind: 'progress', done, total } satisfies RehearsalReport);
    });
    await sent({ kind: 'done', result });
    process.exit(0);
  } catch (error) {
    const failure =
      error instanceof Failure
        ? { type: error.type, message: error.message }
        : { message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    await sent({ kind: 'failed', failure });
    process.exit(1);
  }
}

function withoutTensorflow(error: unknown): never {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  throw new Failure(
    'native-missing',
    `TensorFlow can't be loaded (${line}). \`npx drover doctor\` says what is missing.`,
    { cause: error },
  );
}

/** Resolves once the message has left this process, which may then end. */
function sent(report: RehearsalReport): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(report, undefined, undefined, () => resolve());
  });
}
