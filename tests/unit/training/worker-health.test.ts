import { describe, expect, it } from '@jest/globals';
import { Failure } from '../../../contracts/failures';
import { WorkerHealth, type Quarantine } from '../../../lib/training/worker-health';

const died = () => new Failure('trainer-died', 'the trainer ended with code 1');

function observed() {
  const clock = { now: 1_000_000 };
  const changes: (Quarantine | undefined)[] = [];
  const health = new WorkerHealth({
    worker: 'gpu@host:7',
    onChange: (quarantine) => changes.push(quarantine),
    now: () => clock.now,
  });
  return { clock, changes, health };
}

describe('a worker that fails whatever it is given', () => {
  it('rests after three failures in a row of different trainings, and is named', () => {
    const { health, changes } = observed();
    health.failed('a', died());
    health.failed('b', died());
    expect(health.restsFor).toBe(0);
    expect(health.failed('a', died())).toMatchObject({
      type: 'trainer-died',
      message: expect.stringMatching(
        /^Worker gpu@host:7 takes no trainings for 5 minutes: 3 trainings in a row/,
      ),
    });
    expect(health.restsFor).toBe(300_000);
    expect(changes).toMatchObject([{ worker: 'gpu@host:7', until: 1_300_000 }]);
  });

  it('tries one training afterwards, and rests again where that fails, too', () => {
    const { health, clock } = observed();
    for (const run of ['a', 'b', 'c']) health.failed(run, died());
    clock.now += 300_001;
    expect(health.restsFor).toBe(0);
    health.failed('d', died());
    expect(health.restsFor).toBe(300_000);
  });

  it('is at work again once a training is done', () => {
    const { health, changes } = observed();
    for (const run of ['a', 'b', 'c']) health.failed(run, died());
    health.worked();
    expect(health.restsFor).toBe(0);
    expect(changes.at(-1)).toBeUndefined();
    health.failed('d', died());
    expect(health.restsFor).toBe(0);
  });
});

describe('a worker is not to blame', () => {
  it('for one training that ends every trainer', () => {
    const { health } = observed();
    for (let attempt = 0; attempt < 9; attempt += 1) health.failed('a', died());
    expect(health.restsFor).toBe(0);
  });

  it('names a full disk as well, which is no failure that Drover knows', () => {
    const { health } = observed();
    for (const run of ['a', 'b']) health.failed(run, new Error('ENOSPC'));
    expect(String(health.failed('c', new Error('ENOSPC')))).toMatch(/^Error: Worker gpu@host:7 .* ENOSPC$/);
  });

  it('for what lies in the training itself', () => {
    const { health } = observed();
    const diverged = new Failure('training-diverged', 'the loss is no number');
    for (const run of ['a', 'b', 'c', 'd']) expect(health.failed(run, diverged)).toBe(diverged);
    expect(health.restsFor).toBe(0);
  });
});
