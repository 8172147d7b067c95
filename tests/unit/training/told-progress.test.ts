import { describe, expect, it } from '@jest/globals';
import { activityProgressSchema } from '../../../contracts/schemas/progress';
import type { TrainerProgress } from '../../../contracts/schemas/trainer';
import { toldProgress } from '../../../lib/training/told-progress';

const progress: TrainerProgress = {
  phase: 'training',
  epoch: 3,
  epochs: 15,
  step: 140,
  steps: 900,
  examplesPerSecond: 940.4321,
  loss: 0.81234567,
  accuracy: 0.71234567,
  secondsLeft: 118.4,
  device: 'cpu',
};

describe('what a heartbeat tells of a training', () => {
  it('is epoch, loss, accuracy, speed and time left, for people and for programs', () => {
    expect(toldProgress(progress)).toEqual({
      done: 140,
      total: 900,
      unit: 'steps',
      note: 'epoch 3 of 15, loss 0.812, accuracy 71.2 %, 940 pictures/s, 2 min left',
      training: {
        phase: 'training',
        epoch: 3,
        epochs: 15,
        loss: 0.81235,
        accuracy: 0.7123,
        picturesPerSecond: 940.4,
        secondsLeft: 118,
      },
    });
  });

  it('names what it does while it learns nothing', () => {
    const { loss: _loss, accuracy: _accuracy, ...rest } = progress;
    expect(toldProgress({ ...rest, phase: 'saving' }).note).toBe('epoch 3 of 15, saving a checkpoint');
    expect(toldProgress({ ...rest, phase: 'starting', epoch: 0 }).note).toBe('starting');
  });

  it.each([
    [0.4, '0 s left'],
    [59.4, '59 s left'],
    [59.6, '1 min left'],
    [3599, '1 h 00 min left'],
    [7500, '2 h 05 min left'],
  ])('tells %d s as %s', (secondsLeft, text) => {
    expect(toldProgress({ ...progress, secondsLeft }).note?.endsWith(`, ${text}`)).toBe(true);
  });

  it('is what the other end reads, which takes what older and newer workers say as well', () => {
    const told = toldProgress(progress);
    expect(activityProgressSchema.parse(JSON.parse(JSON.stringify(told)))).toEqual(told);
    const old = { done: 1, total: 2, unit: 'steps', note: 'epoch 1 of 2' };
    expect(activityProgressSchema.parse(old)).toEqual(old);
    expect(activityProgressSchema.parse({ ...old, training: { stage: 'x' }, more: 1 })).toMatchObject(old);
  });
});
