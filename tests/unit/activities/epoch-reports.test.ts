import { describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { tellEpochs } from '../../../activities/epoch-reports';
import type { EpochMetrics } from '../../../contracts/schemas/documents';

const epochOf = (validation_accuracy: number): EpochMetrics => ({
  ...{ train_loss: 1, train_accuracy: 0.5, validation_loss: 1, validation_accuracy, seconds: 2 },
  ...{ epoch: 1, lr: 0.001, pictures: 10 },
});

/** What a training with these epochs sends, where its sweep asks `at` these; the signals end here and not at a server. */
async function sent(at: readonly number[] | undefined, stopped: boolean): Promise<unknown[]> {
  const signals: unknown[] = [];
  const client = new Client({
    connection: Connection.lazy(),
    interceptors: {
      workflow: [
        {
          async signal({ signalName, args }) {
            signals.push([signalName, ...args]);
          },
        },
      ],
    },
  });
  const environment = new MockActivityEnvironment({}, { client });
  await environment.run(async () => {
    const report = { sweep: 'sweep-1', trial: 2, metric: 'validation_accuracy', ...(at && { at }) };
    const teller = tellEpochs('run-2', report);
    const epochs: EpochMetrics[] = [];
    for (const accuracy of [0.5, 0.75]) {
      epochs.push(epochOf(accuracy));
      teller.tell(epochs);
    }
    if (stopped) teller.tellLast(epochs);
    await teller.told();
  });
  return signals;
}

const both = ['trialEpochs', { trial: 2, run: 'run-2', values: [0.5, 0.75], seconds: 4 }];

describe('what a trial tells its sweep', () => {
  it('is each epoch that is asked for', async () => {
    expect(await sent(undefined, false)).toHaveLength(2);
    expect(await sent([2], false)).toEqual([both]);
    expect(await sent([], false)).toEqual([]);
  });

  it('is how far it came, where it is stopped, whatever was asked for', async () => {
    expect(await sent([], true)).toEqual([both]);
    expect(await sent([5], true)).toEqual([both]);
  });
});
