import { describe, expect, it } from '@jest/globals';
import type { SweepRecord } from '../../../contracts/schemas/sweep-record';
import { sweepReport } from '../../../lib/sweeps/report/page';
import { sweepBegan, sweepRecord, trialRecord } from '../../support/sweep-record';

const at = sweepBegan + 7_200_000;
const page = (record: SweepRecord, options = {}) => sweepReport(record, { at, ...options });
/** What a reader sees, without markup. */
const textOf = (html: string) =>
  html
    .replace(/<(style|script)>.*?<\/\1>/gs, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ');

const parameters = {
  lr: { distribution: 'log_uniform_values', min: 1e-5, max: 0.1 },
  optimizer: { values: ['adam', 'sgd'] },
};
const trials = Array.from({ length: 12 }, (_, index) =>
  trialRecord(index + 1, {
    parameters: { lr: 10 ** (-5 + index / 3), optimizer: index % 2 === 0 ? 'adam' : 'sgd' },
    metric: Math.abs(index - 6) / 10 + 0.1,
    values: [1, 0.5, Math.abs(index - 6) / 10 + 0.1],
    run: `run-${index + 1}`,
  }),
);
const record = sweepRecord(
  [
    ...trials,
    trialRecord(13, {
      state: 'failed',
      failure: 'The loss is no longer a number',
      parameters: { lr: 0.1 },
      run: 'run-13',
    }),
    trialRecord(14, {
      state: 'stopped',
      why: 'epoch 2: number 9 of 9',
      epochs: 2,
      seconds: 20,
      metric: 2,
      values: [3, 2],
      parameters: { lr: 0.05, optimizer: 'sgd' },
    }),
  ],
  { parameters, early_terminate: { type: 'hyperband', min_iter: 2 }, run_cap: 14 },
);

describe("a sweep's report", () => {
  it('says on which pictures it was, and what is to be looked at', () => {
    const warnings = ['parameters.lr.distribution: log_uniform takes <b>exponents</b>'];
    const told = page(
      { ...record, warnings },
      { pictures: 'pets, version 0f3a1b2c4d5e, 48 × 48, grey, contain' },
    );
    expect(textOf(told)).toContain(', on pets, version 0f3a1b2c4d5e, 48 × 48, grey, contain.');
    expect(told).toContain('log_uniform takes &lt;b&gt;exponents&lt;/b&gt;');
  });

  const text = textOf(page(record, { costPerHour: 3.6 }));

  it('says which trial is the best and how to run it again, with every digit', () => {
    expect(text).toContain('The best: trial 7');
    expect(text).toContain('npx drover run train lr=0.001 optimizer=adam');
    expect(text).toContain('npx drover rerun run-7');
  });

  it("gives a run's settings the names that a run knows", () => {
    const known = [trialRecord(1, { parameters: { learning_rate: 0.01, dense: 64 }, metric: 1 })];
    expect(textOf(page(sweepRecord(known)))).toContain('npx drover run train lr=0.01 network.dense=64');
  });

  it('counts trials by what became of them, and says why', () => {
    expect(text).toMatch(/Finished 12 .*Stopped early 1 .*Failed 1 /);
    expect(text).toContain('The loss is no longer a number');
    expect(text).toContain('epoch 2: number 9 of 9');
  });

  it('names the method of importance, and what it stands on', () => {
    expect(text).toContain('PED-ANOVA (Watanabe, Bansal and Hutter, IJCAI 2023');
    expect(text).toMatch(/among the best 5 trials and among all 13/);
    expect(text).not.toContain('take what stands here for a guess');
  });

  it('says that importance means nothing of a few trials', () => {
    expect(textOf(page(sweepRecord(trials.slice(0, 5), { parameters })))).toContain(
      'Only 5 trials have a figure. Fewer than 10 say nothing of importance',
    );
  });

  it('tells what early stopping saved as time, as a share and as money', () => {
    // 8 epochs of 10 s, of 670 s trained; 3.60 an hour is a thousandth a second.
    expect(text).toMatch(/1\.3 min , 10\.7 % of the 13 min .*1 trial was stopped .*8 epochs not trained/);
    expect(text).toMatch(/At 3\.60 an hour that is 0\.08 saved, and 0\.67 spent/);
    expect(textOf(page(record))).not.toContain('an hour');
  });

  it('draws every trial with a figure as a line, a dot in each chart and a row, and the failed one as a cross', () => {
    const html = page(record);
    const count = (pattern: RegExp) => html.match(pattern)?.length ?? 0;
    const parallel = html.split('id="parallel"')[1]?.split('</section>')[0] ?? '';
    expect(parallel.match(/<path\s+class="trial/g)).toHaveLength(13);
    expect(parallel.match(/class="handle"/g)).toHaveLength(3);
    expect(count(/<tr data-t=/g)).toBe(14);
    const dots = html.match(/<circle class="(finished|stopped) g\d" data-t="7"/g);
    // One in best so far, one for each parameter, one at the end of its curve.
    expect(dots).toHaveLength(4);
    expect(count(/<path\s+class="cross"\s+data-t="13"/g)).toBe(1);
    expect(count(/<path\s+class="ended g\d"\s+data-t="14"/g)).toBe(1);
  });

  it('links finished runs to their reports where it lies in the store, and else names where these are', () => {
    const linked = page(record, { storeAt: '../../' });
    expect(linked).toContain('<a href="../../runs/run-7/report.html">');
    expect(linked).not.toContain('runs/run-13/report.html');
    expect(page(record)).not.toMatch(/<a href="[^#h]/);
    expect(text).toContain('runs/&lt;run&gt;/report.html');
  });

  it('of a running sweep says so, and when that was', () => {
    const { ended: _, ...running } = record;
    expect(textOf(page(running))).toContain('still runs ; this is how it was at 25 November 2026, 10:00 UTC');
  });

  it.each([
    ['no trial', []],
    ['one trial', trials.slice(0, 1)],
    ['one trial that runs and has no figure', [trialRecord(1, { state: 'running', ended: undefined })]],
    ['failed trials alone', [1, 2].map((trial) => trialRecord(trial, { state: 'failed', failure: 'x' }))],
    [
      'trials that are all alike',
      [1, 2, 3].map((trial) => trialRecord(trial, { metric: 0, parameters: { lr: 1 } })),
    ],
    [
      'the largest figures that TensorFlow has',
      [trialRecord(1, { metric: 3.4e38 }), trialRecord(2, { metric: -3.4e38 })],
    ],
  ] as const)('of %s is a page without a broken coordinate', (_, some) => {
    const html = page(sweepRecord(some)).replace(/<script>.*<\/script>/s, '');
    expect(/NaN|Infinity|undefined|\[object/.exec(html)).toBeNull();
  });

  it('stays below 5 MB for 10,000 trials, and says what it leaves out', () => {
    const many = Array.from({ length: 10_000 }, (_, index) => ({ ...trials[index % 12]!, trial: index + 1 }));
    const html = page(sweepRecord(many, { parameters }));
    expect(html.length).toBeLessThan(5_000_000);
    expect(textOf(html)).toContain('The best 250 and some of the other 9750 are drawn.');
    expect(textOf(html)).toContain('The first 2,000 of 10,000.');
  });
});
