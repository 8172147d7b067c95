import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  type WorkflowHandle,
} from '@temporalio/client';
import { queues } from '../../contracts/names';
import type { PipelineResult, PromoteResult, SweepResult } from '../../contracts/results';
import { failureType } from './failure-type';
import { createRandom, type Random } from '../../lib/random';
import { readSweepRecord } from '../../lib/sweeps/sweep-records';
import type { Store } from '../../lib/storage/store';
import { judgeSweep } from './promises';

export const model = 'few';
const trials = 4;

/** What a round has done. */
export interface RoundResult {
  readonly versions: readonly number[];
  /** Rollbacks that have moved the champion. */
  readonly rolledBack: number;
  /** A line each for what did not end as it must. */
  readonly wrong: readonly string[];
  /** The same for sweeps. */
  readonly wrongTrials: readonly string[];
  readonly sweeps: number;
  readonly workflows: number;
}

interface RoundWish {
  readonly client: Client;
  readonly store: Store;
  readonly number: number;
  readonly seed: string;
  /** Versions that there are to be promoted. */
  readonly versions: number;
  /** Milliseconds after which a workflow is taken not to end. */
  readonly patience: number;
}

export const pipelineId = (number: number): string => `pipeline-${model}-${number}`;

const sweepConfig = (seed: number, method: string) => ({
  method,
  metric: { name: 'validation_accuracy', goal: 'maximize' },
  parameters: {
    lr: { distribution: 'log_uniform_values', min: 1e-3, max: 2e-2 },
    'network.dropout': { min: 0.0, max: 0.4 },
  },
  early_terminate: { type: 'asha', min_epochs: 6, max_epochs: 54 },
  run_cap: trials,
  parallelism: 2,
  seed,
  train: { network: { name: 'cnn', filters: [8, 16], dense: 32 }, checkpoint_every: '1s', seed },
});

/** Pictures of the sample; another version of the dataset in every third round. */
export const pipelineConfig = (number: number) => ({
  name: model,
  source: { uri: `sample://animals?variations=${3 + (Math.floor(number / 3) % 3)}&size=48` },
  preprocess: { size: 32 },
  sweep: sweepConfig(number, number % 2 === 0 ? 'random' : 'tpe'),
});

/** A pipeline, a sweep, promotions and a rollback at once, waited for to their ends. */
export async function runRound({
  client,
  store,
  number,
  seed,
  versions,
  patience,
}: RoundWish): Promise<RoundResult> {
  const random = createRandom(`${seed} ${number}`);
  const deadline = Date.now() + patience;
  const wrong: string[] = [];
  const wrongTrials: string[] = [];
  const found = { versions: [] as number[], rolledBack: 0, workflows: 0, sweeps: 0 };

  const ended = async <Result>(id: string, type: string, input: unknown, allowed: readonly string[] = []) => {
    found.workflows += 1;
    try {
      const handle = await startOnce(client, id, type, input, deadline);
      return await resultOf<Result>(handle, deadline);
    } catch (error) {
      if (!allowed.includes(failureType(error) ?? ''))
        wrong.push(`${id}: ${failureType(error) ?? ''} ${rootMessage(error)}`);
      return undefined;
    }
  };
  const sweepOf = async (id: string): Promise<void> => {
    found.sweeps += 1;
    wrongTrials.push(...judgeSweep(await readSweepRecord(store, id), id, trials));
  };

  await Promise.all([
    ended<PipelineResult>(pipelineId(number), 'pipeline', pipelineConfig(number)).then(async (result) => {
      if (result?.version === undefined) return;
      found.versions.push(result.version);
      await sweepOf(`${pipelineId(number)}/sweep`);
    }),
    // On what a pipeline has prepared: without that, a sweep would prepare the whole sample.
    ...Array.from({ length: versions > 0 ? 1 : 0 }, async () => {
      const input = { config: sweepConfig(1000 + number, 'random') };
      const result = await ended<SweepResult>(`sweep-${number}`, 'sweep', input);
      if (result) await sweepOf(`sweep-${number}`);
    }),
    ...Array.from({ length: versions > 1 ? 2 : 0 }, async (_, index) => {
      await pauseOf(random.fork(`promote ${index}`));
      const version = 1 + random.fork(`version ${index}`).int(versions);
      // Of several at once one wins, and the others are told.
      const input = { model, version, by: 'chaos', reason: `round ${number}` };
      await ended<PromoteResult>(`promote-${number}-${index}`, 'promote', input, ['alias-moved']);
    }),
    ...Array.from({ length: versions > 1 && number % 2 === 0 ? 1 : 0 }, async () => {
      await pauseOf(random.fork('rollback'));
      const input = { model, by: 'chaos', reason: `round ${number}` };
      const result = await ended<PromoteResult>(`rollback-${number}`, 'rollback', input, [
        'alias-moved',
        'not-found',
      ]);
      if (result?.promoted === true) found.rolledBack += 1;
    }),
  ]);
  return { ...found, wrong, wrongTrials };
}

const pauseOf = (random: Random): Promise<void> => sleep(15_000 * random.next());

async function startOnce(
  client: Client,
  workflowId: string,
  type: string,
  input: unknown,
  deadline: number,
): Promise<WorkflowHandle> {
  for (;;) {
    try {
      const options = { workflowId, taskQueue: queues.ml, args: [input] };
      return await client.withDeadline(Date.now() + 10_000, () => client.workflow.start(type, options));
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) return client.workflow.getHandle(workflowId);
      if (Date.now() > deadline) throw error;
      await sleep(500);
    }
  }
}

/** Whatever becomes of the connection on the way. */
async function resultOf<Result>(handle: WorkflowHandle, deadline: number): Promise<Result> {
  for (;;) {
    try {
      const { client } = handle;
      const { status } = await client.connection.withDeadline(Date.now() + 10_000, () => handle.describe());
      if (status.name !== 'RUNNING') {
        return await (handle as WorkflowHandle<() => Promise<Result>>).result();
      }
    } catch (error) {
      if (error instanceof WorkflowFailedError) throw error;
    }
    if (Date.now() > deadline) throw new Error('it has not ended');
    await sleep(500);
  }
}

function rootMessage(error: unknown): string {
  let at = error;
  while (at instanceof Error && at.cause !== undefined) at = at.cause;
  return at instanceof Error ? at.message.slice(0, 300) : String(at);
}
