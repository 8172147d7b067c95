import { describe, expect, it } from '@jest/globals';
import { dimensionsOf } from '../../../lib/sweeps/dimensions';
import { sweepRecord, trialRecord } from '../../support/sweep-record';

const dimensionsFor = (parameters: Record<string, unknown>, ...drawn: Record<string, unknown>[]) =>
  dimensionsOf(
    sweepRecord(
      drawn.map((one, at) => trialRecord(at + 1, { parameters: one })),
      { parameters },
    ),
  );

describe('the parameters that a sweep varies', () => {
  it.each([
    ['uniform', { distribution: 'uniform', min: 0, max: 1 }, { log: false, low: 0, high: 1 }],
    [
      'log_uniform_values',
      { distribution: 'log_uniform_values', min: 0.01, max: 10 },
      { log: true, low: 0.01, high: 10 },
    ],
    [
      'q_uniform',
      { distribution: 'q_uniform', min: 0, max: 2, q: 0.25 },
      { log: false, low: 0, high: 2, step: 0.25 },
    ],
    ['int_uniform', { distribution: 'int_uniform', min: 0, max: 3 }, { log: false, low: 0, high: 3 }],
    ['normal', { distribution: 'normal' }, { log: false, low: 0.25, high: 0.5 }],
    ['log_normal', { distribution: 'log_normal' }, { log: true, low: 0.25, high: 0.5 }],
  ])('of %s have its ends, those of the trials where it has none', (_, distribution, expected) => {
    expect(dimensionsFor({ x: distribution }, { x: 0.25 }, { x: 0.5 })).toEqual([
      { kind: 'number', name: 'x', ...expected },
    ]);
  });

  it('have exponents turned into the values that they mean', () => {
    const [found] = dimensionsFor(
      { x: { distribution: 'log_uniform', min: -2, max: 0 } },
      { x: 0.5 },
      { x: 0.7 },
    );
    expect(found).toMatchObject({ log: true, low: Math.exp(-2), high: 1 });
  });

  it('reach as far as a trial that was added by hand', () => {
    const x = { distribution: 'log_uniform_values', min: 0.01, max: 0.1 };
    expect(dimensionsFor({ x }, { x: 0.05 }, { x: 0.5 })[0]).toMatchObject({ low: 0.01, high: 0.5 });
    expect(dimensionsFor({ x }, { x: 0.05 }, { x: 0 })[0]).toMatchObject({ low: 0, log: false });
    const values = dimensionsFor({ x: { values: ['a', 'b'] } }, { x: 'a' }, { x: 'c' })[0];
    expect(values).toMatchObject({ kind: 'category', values: ['a', 'b', 'c'], ordered: false });
  });

  it('put listed numbers in order', () => {
    const [found] = dimensionsFor({ x: { values: [30, 5, 15] } }, { x: 30 }, { x: 5 });
    expect(found).toMatchObject({ kind: 'category', values: [5, 15, 30], ordered: true });
  });

  it('leave out what all trials have alike, and keep what only some have', () => {
    const parameters = {
      x: { value: 1 },
      y: { values: [1, 2] },
      z: { distribution: 'uniform', min: 0, max: 1 },
    };
    const found = dimensionsFor(parameters, { x: 1, y: 2, z: 0.5 }, { x: 1, y: 2 });
    expect(found.map(({ name }) => name)).toEqual(['z']);
  });

  it('are none of a sweep that has no trial', () => {
    expect(dimensionsFor({ x: { distribution: 'uniform', min: 0, max: 1 } })).toEqual([]);
  });
});
