import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { Failure, type FailureType } from '../contracts/failures';
import { queryNames } from '../contracts/messages';
import type { Settings } from '../contracts/schemas/settings';
import type { SweepRecord } from '../contracts/schemas/sweep-record';
import type { Store } from '../lib/storage/store';
import { latestSweep } from '../lib/sweeps/latest-sweep';
import { readSweepRecord } from '../lib/sweeps/sweep-records';
import { wholeRecord } from './whole-record';
import { askWorkflowTwice } from './temporal/ask-workflow';
import { connect, withClient } from './temporal/connect';
import { theRunningSweep } from './temporal/running-sweeps';

/** Of milliseconds: what has ended is looked at without a server, and shouldn't wait long to find that there is none. */
const patience = 2000;

/**
 * A sweep as it is now, asked of its workflow while that runs; else as its record in the store has it.
 *
 * @param id - without it, the only sweep that runs; where none runs or no server answers, the last that was recorded
 * @throws Failure `not-found` where there is no such sweep, or none at all; `request-invalid` where several run
 */
export async function findSweepRecord(
  id: string | undefined,
  settings: Settings,
  store: Store,
): Promise<SweepRecord> {
  const running = await askRunning(id, settings);
  if (running?.record !== undefined) return running.record;
  const sweep = id ?? running?.sweep ?? (await latestSweep(store));
  if (sweep === undefined) {
    throw new Failure(
      'not-found',
      `No sweep runs, and none is recorded in ${store.location}. Start one: npx drover run sweep.`,
    );
  }
  const recorded = await readSweepRecord(store, sweep);
  if (recorded !== undefined) return recorded;
  throw new Failure(
    'not-found',
    running === undefined
      ? `No sweep ${sweep} runs, and none of that name is recorded in ${store.location}.`
      : `${sweep} runs, but did not say how it stands. Does a worker run (npm start)? Once it has ended, its record ` +
          'says it.',
  );
}

interface RunningSweep {
  readonly sweep: string;
  /** Missing where it gave no answer: it was begun by an older version, or no worker polls. */
  readonly record?: SweepRecord;
}

const noServer: ReadonlySet<FailureType> = new Set(['temporal-unavailable', 'temporal-refused']);

/** @returns undefined where no such sweep runs, and where no server answers. */
async function askRunning(id: string | undefined, settings: Settings): Promise<RunningSweep | undefined> {
  let client: Client;
  try {
    client = await connect(settings, patience);
  } catch (error) {
    if (error instanceof Failure && noServer.has(error.type)) return undefined;
    throw error;
  }
  return withClient(client, async () => {
    const sweep = id ?? (await theRunningSweep(client, 'after `sweep report`'));
    if (sweep === undefined || !(await runs(client, sweep))) return undefined;
    const record = await wholeRecord((from) =>
      askWorkflowTwice(client.workflow.getHandle(sweep), queryNames.record, from),
    ).catch(() => undefined);
    return { sweep, ...(record && { record }) };
  });
}

async function runs(client: Client, sweep: string): Promise<boolean> {
  try {
    const { status } = await client.workflow.getHandle(sweep).describe();
    return status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
