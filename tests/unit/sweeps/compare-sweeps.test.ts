import { describe, expect, it } from '@jest/globals';
import { compareSweeps } from '../../../lib/sweeps/compare-sweeps';
import { sweepRecord, trialRecord } from '../../support/sweep-record';

const trialsOf = (metrics: readonly number[], seconds: number) =>
  metrics.map((metric, at) => trialRecord(at + 1, { metric, seconds, parameters: { lr: 0.001 * (at + 1) } }));

describe('two sweeps compared', () => {
  const one = sweepRecord(trialsOf([0.9, 0.5, 0.4, 0.3], 10), { run_cap: 4 }, 'one');
  const other = sweepRecord(
    [...trialsOf([0.7, 0.45], 30), trialRecord(3, { state: 'failed', seconds: 6, metric: 0.01 })],
    { run_cap: 3, method: 'bayes', train: { epochs: 4 } },
    'other',
  );
  const { equalTrials, equalSeconds, sweeps, differences } = compareSweeps(one, other);

  it('counts their trials, and takes no failed one for the best', () => {
    expect(sweeps.map(({ sweep, trials, finished, failed }) => [sweep, trials, finished, failed])).toEqual([
      ['one', 4, 4, 0],
      ['other', 3, 2, 1],
    ]);
    expect(sweeps.map(({ best }) => best)).toEqual([
      { trial: 4, metric: 0.3 },
      { trial: 2, metric: 0.45 },
    ]);
  });

  it('compares the first trials of each, as many as both have', () => {
    expect(equalTrials).toBe(3);
    expect(sweeps.map(({ bestAtEqualTrials }) => bestAtEqualTrials?.metric)).toEqual([0.4, 0.45]);
  });

  it('compares what had ended after as many seconds of training as both have', () => {
    expect(equalSeconds).toBe(40);
    expect(sweeps.map(({ bestAtEqualSeconds }) => bestAtEqualSeconds?.metric)).toEqual([0.3, 0.7]);
  });

  it("says when each reached the other's best, and nothing of one that never did", () => {
    expect(sweeps.map(({ secondsToOthersBest }) => secondsToOthersBest)).toEqual([30, undefined]);
  });

  it('orders trials by when they ended, not by when they began', () => {
    const late = one.trials.map((trial) =>
      trial.trial === 4 ? { ...trial, ended: trial.began - 3_600_000 } : trial,
    );
    expect(compareSweeps({ ...one, trials: late }, other).sweeps[0].secondsToOthersBest).toBe(10);
  });

  it('turns better and worse where the metric is to be large', () => {
    const maximize = { metric: { name: 'validation_accuracy', goal: 'maximize' } };
    const [a] = compareSweeps(
      sweepRecord(trialsOf([0.2, 0.8, 0.6], 10), maximize),
      sweepRecord(trialsOf([0.7], 10), maximize),
    ).sweeps;
    expect([a.best?.metric, a.bestAtEqualTrials?.metric, a.secondsToOthersBest]).toEqual([0.8, 0.2, 20]);
  });

  it('lists what they were told differently by dotted keys, and nothing else', () => {
    expect(differences).toEqual([
      { key: 'method', values: ['random', 'bayes'] },
      { key: 'run_cap', values: ['4', '3'] },
      { key: 'train.epochs', values: [String(one.config.train.epochs), '4'] },
    ]);
    const elsewhere = { ...one, prepared: { ...one.prepared, sha256: 'cd'.repeat(32) } };
    expect(compareSweeps(one, elsewhere).differences.map(({ key }) => key)).toEqual(['pictures']);
    const told = compareSweeps(one, elsewhere, ['pets, version 1', 'animals, version 2']).differences;
    expect(told).toEqual([{ key: 'pictures', values: ['pets, version 1', 'animals, version 2'] }]);
  });

  it('refuses two metrics, naming both', () => {
    const accuracy = sweepRecord([], { metric: { name: 'validation_accuracy', goal: 'maximize' } }, 'third');
    expect(() => compareSweeps(one, accuracy)).toThrow(
      /one has the metric validation_loss \(minimize\), third validation_accuracy \(maximize\)/,
    );
  });

  it('compares sweeps without a trial', () => {
    const empty = sweepRecord([], {}, 'empty');
    const [a, b] = compareSweeps(empty, one).sweeps;
    expect([a.best, a.secondsToOthersBest, b.secondsToOthersBest]).toEqual([undefined, undefined, undefined]);
  });
});
