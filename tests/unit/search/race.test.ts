import { describe, expect, it } from '@jest/globals';
import { readCosts } from '../../../bench/race/costs';
import { epochsUntilStalled } from '../../../bench/race/patience';
import { droverSweep, randomSweep, type Ground } from '../../../bench/race/sweeps';
import { cellEpochs } from '../../../bench/search/table/cells';
import { wholeTable } from '../../../bench/search/table/read';

const table = wholeTable();
const ground: Ground = {
  ...{ table, costs: readCosts(), seed: 1 },
  metric: { name: 'validation_accuracy', goal: 'maximize' },
};
const recorded = (accuracy: readonly number[]) => ({
  ...{ lr: 0.001, batch_size: 5, dropout: 0, seconds: 1 },
  accuracy,
  loss: accuracy.map((share) => 1 - share),
});

describe('a race on recorded trainings', () => {
  it("ends a training by patience as Keras' EarlyStopping does", () => {
    const flat = recorded(Array.from({ length: cellEpochs }, () => 0.1));
    expect(epochsUntilStalled(flat, 'validation_accuracy', 5)).toBe(6);
    expect(epochsUntilStalled(flat, 'validation_accuracy', undefined)).toBe(cellEpochs);
    // Better at epochs 1, 2 and 5; then twice no better.
    const late = recorded([0.1, 0.2, 0.2, 0.1, 0.3, 0.3, 0.2, 0.4, 0.5]);
    expect(epochsUntilStalled(late, 'validation_accuracy', 2)).toBe(4);
    expect(epochsUntilStalled(late, 'validation_accuracy', 3)).toBe(cellEpochs);
    const rising = recorded(Array.from({ length: cellEpochs }, (_, at) => at / 100));
    expect(epochsUntilStalled(rising, 'validation_loss', 1)).toBe(cellEpochs);
  });

  it.each([
    ['a random sweep', (patience?: number) => randomSweep(ground, patience)],
    [
      "Drover's",
      (patience?: number) =>
        droverSweep(ground, { method: 'random', ...(patience !== undefined && { patience }) }),
    ],
  ])('has %s train the same settings for fewer epochs with patience', (_name, sweepWith) => {
    const epochs = (patience?: number) => {
      const sweep = sweepWith(patience);
      return Array.from({ length: 12 }, () => {
        const segment = sweep.next();
        if (segment === undefined) throw new Error('a sweep of 12 trials has ended');
        for (let epoch = 1; epoch <= segment.to; epoch += 1) sweep.epochEnded(segment, epoch);
        sweep.segmentEnded(segment);
        return { epoch: segment.epoch, to: segment.to };
      });
    };
    const [patient, whole] = [epochs(5), epochs()];
    expect(patient.map(({ epoch }) => epoch)).toEqual(whole.map(({ epoch }) => epoch));
    expect(whole.every(({ to }) => to === cellEpochs)).toBe(true);
    expect(patient.some(({ to }) => to === cellEpochs)).toBe(true);
    expect(patient.filter(({ to }) => to < cellEpochs).length).toBeGreaterThan(3);
  });
});
