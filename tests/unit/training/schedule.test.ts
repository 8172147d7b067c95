import { describe, expect, it } from '@jest/globals';
import { scheduleSchema } from '../../../contracts/schemas/run';
import { rateAt } from '../../../lib/training/schedule';

const [stepsPerEpoch, epochs] = [10, 6];

function rates(schedule: object): number[] {
  const parsed = scheduleSchema.parse(schedule);
  return Array.from({ length: stepsPerEpoch * epochs }, (_, at) =>
    rateAt(parsed, 0.2, { step: at + 1, stepsPerEpoch, steps: stepsPerEpoch * epochs }),
  );
}

describe('the learning rate', () => {
  it('stays where it is constant', () => {
    expect(new Set(rates({ name: 'constant' }))).toEqual(new Set([0.2]));
  });

  it('rises in a line to lr over the warm-up, then follows its schedule', () => {
    const found = rates({ name: 'constant', warmup: 2 });
    expect(found[0]).toBeCloseTo(0.2 / 20);
    expect(found[9]).toBeCloseTo(0.1);
    expect(found.slice(19)).toEqual(Array(41).fill(0.2));
  });

  it('drops by the factor every so many epochs', () => {
    const found = rates({ name: 'step', every: 2, factor: 0.5 });
    expect([found[0], found[19], found[20], found[39], found[40]]).toEqual([0.2, 0.2, 0.1, 0.1, 0.05]);
  });

  it('falls along half a cosine to its share', () => {
    const found = rates({ name: 'cosine', final: 0.1 });
    expect(found[0]).toBe(0.2);
    expect(found[30]).toBeCloseTo(0.11, 12);
    // Its end is one step beyond the last.
    expect(found[59]).toBeCloseTo(0.02 + 0.09 * (1 + Math.cos((Math.PI * 59) / 60)), 12);
    expect(found).toEqual(found.toSorted((a, b) => b - a));
  });

  it('goes up and far down in one cycle, as OneCycleLR of PyTorch does', () => {
    // torch.optim.lr_scheduler.OneCycleLR(max_lr=0.2, total_steps=60, div_factor=25, final_div_factor=400):
    // the first rate, the peak at 0.3 · 60 − 1 steps, and the last.
    const found = rates({ name: 'one_cycle', start: 0.04, peak: 0.3, final: 0.0001 });
    expect(found[0]).toBeCloseTo(0.008, 12);
    expect(found[17]).toBeCloseTo(0.2, 12);
    expect(found[59]).toBeCloseTo(0.2 * 0.0001, 12);
    expect(Math.max(...found)).toBe(found[17]);
  });
});
