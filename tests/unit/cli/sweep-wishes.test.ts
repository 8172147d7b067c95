import { describe, expect, it } from '@jest/globals';
import { wishes } from '../../../cli/commands/sweep';

describe('what `drover sweep` says once a sweep has agreed', () => {
  it('tells whose parameters are trained for longer, and that they begin from scratch', () => {
    const { update, args, done } = wishes.extend('6');
    expect([update, args]).toEqual(['extendBest', [{ epochs: 6 }]]);
    expect(done({ ahead: 2, trial: 3, from: 0 }, 'sweep-1')).toBe(
      'sweep-1 trains the parameters of trial 3, its best, for 6 epochs, after 2 that were asked for before, ' +
        'from the start: a run that has ended keeps no checkpoint.',
    );
    // A sweep of before 0.2.0 says only how many are ahead.
    expect(done({ ahead: 0 }, 'sweep-1')).toMatch(
      /^sweep-1 trains its best for 6 epochs next, from the start/,
    );
    expect(() => wishes.extend('many')).toThrow('Expected epochs as a whole number from 1, found many.');
  });

  it('asks for values as YAML has them, and says of which key one is not', () => {
    expect(wishes.add(['network.filters=[8, 16]', 'lr=1e-3']).args).toEqual([
      { 'network.filters': [8, 16], lr: 0.001 },
    ]);
    expect(() => wishes.add(['network.filters=[8, 16'])).toThrow(
      /^network.filters: expected a value as YAML has it, such as 0.001 or \[8, 16\]; found \[8, 16\. Flow sequence/,
    );
  });

  it('refuses what it cannot read as a request, not as something that was to start', () => {
    for (const wish of [() => wishes.add(['lr']), () => wishes.add(['lr=[1']), () => wishes.kill('none')]) {
      expect(wish).toThrow(expect.objectContaining({ type: 'request-invalid' }));
    }
  });
});
