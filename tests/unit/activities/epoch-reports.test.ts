import { describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { tellEpochs } from '../../../activities/epoch-reports';
import type { EpochReport } from '../../../contracts/inputs';
import type { EpochMetrics } from '../../../contracts/schemas/documents';

const epochOf = (validation_accuracy: number): EpochMetrics => ({
  ...{ train_loss: 1, train_accuracy: 0.5, validation_loss: 1, validation_accuracy, seconds: 2 },
  ...{ epoch: 1, lr: 0.001, pictures: 10 },
});

/** What a training with these epochs sends, where its sweep asks for these; the signals end here and not at a server. */
async function sent(
  asked: Pick<EpochReport, 'at' | 'every'>,
  { stopped = false, lost = 0, accuracies = [0.5, 0.75] } = {},
): Promise<unknown[]> {
  const signals: unknown[] = [];
  let left = lost;
  const client = new Client({
    connection: Connection.lazy(),
    interceptors: {
      workflow: [
        {
          async signal({ signalName, args }) {
            if ((left -= 1) >= 0) throw new Error('away');
            signals.push([signalName, ...args]);
          },
        },
      ],
    },
  });
  const environment = new MockActivityEnvironment({}, { client });
  await environment.run(async () => {
    const report = { sweep: 'sweep-1', trial: 2, metric: 'validation_accuracy', ...asked };
    const teller = tellEpochs('run-2', report);
    const epochs: EpochMetrics[] = [];
    for (const accuracy of accuracies) {
      epochs.push(epochOf(accuracy));
      teller.tell(epochs);
      await teller.told();
    }
    if (stopped) teller.tellLast(epochs);
    await teller.told();
  });
  return signals;
}

const told = (values: readonly number[], seconds: number, from?: number) => [
  'trialEpochs',
  { trial: 2, run: 'run-2', ...(from !== undefined && { from }), values, seconds },
];
const both = told([0.5, 0.75], 4);

describe('what a trial tells its sweep', () => {
  it('is each epoch that is asked for, once', async () => {
    expect(await sent({})).toEqual([told([0.5], 2), told([0.75], 4, 1)]);
    expect(await sent({ at: [2] })).toEqual([both]);
    expect(await sent({ at: [] })).toEqual([]);
    const accuracies = [0.1, 0.2, 0.3, 0.4, 0.5];
    expect(await sent({ at: [1], every: 3 }, { accuracies })).toEqual([
      told([0.1], 2),
      told([0.2, 0.3], 6, 1),
    ]);
  });

  it('is made good by the next where it was lost', async () => {
    expect(await sent({}, { lost: 1 })).toEqual([both]);
  });

  it('is how far it came, where it is stopped, whatever was asked for', async () => {
    expect(await sent({ at: [] }, { stopped: true })).toEqual([both]);
    expect(await sent({ at: [5] }, { stopped: true })).toEqual([both]);
  });
});
