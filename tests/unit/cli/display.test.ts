import { describe, expect, it } from '@jest/globals';
import pc from 'picocolors';
import { amountText, bar } from '../../../cli/display/bar';
import { bytes, clip, columnsOf, duration, figure, plainColours } from '../../../cli/display/format';
import { Console } from '../../../cli/display/console';
import { newLines } from '../../../cli/display/plain';
import { present } from '../../../cli/display/present';
import { Rate } from '../../../cli/display/rate';
import { renderWorkflow } from '../../../cli/display/render';
import { resultLines } from '../../../cli/display/result';
import { LiveRegion } from '../../../cli/display/screen';
import { table } from '../../../cli/display/table';
import { type WorkflowView, emptyView } from '../../../cli/display/view';
import type { Leaderboard } from '../../../contracts/progress';

const options = { width: 100, colours: plainColours };

const board: Leaderboard = {
  metric: 'validation_loss',
  goal: 'minimize',
  trials: 4,
  finished: 1,
  failed: 1,
  running: 1,
  rows: [
    { trial: 2, state: 'finished', parameters: { lr: 0.00123456 }, metric: 0.51234, workflowId: 's/trial-2' },
    { trial: 1, state: 'running', parameters: { lr: 0.01 }, workflowId: 's/trial-1' },
    {
      trial: 3,
      state: 'failed',
      parameters: { lr: 9 },
      failure: 'The loss is no longer a number',
      workflowId: 's/trial-3',
    },
  ],
};

const sweeping: WorkflowView = {
  workflowId: 'pipeline-animals',
  stages: [
    { stage: 'ingest', state: 'done', note: '2950 pictures' },
    { stage: 'preprocess', state: 'kept' },
    { stage: 'sweep', state: 'running', elapsed: 4000 },
    { stage: 'evaluate', state: 'waiting' },
  ],
  leaderboard: board,
  trials: { 1: { done: 30, total: 120, unit: 'steps', note: 'epoch 2 of 8' } },
  activities: [],
};

describe('the live display', () => {
  it('shows each stage with its state, and a sweep by its trials', () => {
    const lines = renderWorkflow(sweeping, options);
    expect(lines[0]).toMatch(/✓ ingest +2950 pictures/);
    expect(lines[1]).toMatch(/✓ preprocess +as before/);
    expect(lines[2]).toMatch(/▸ sweep .*2\/4 trials {2}1 running, 1 failed/);
    expect(lines[3]).toMatch(/· evaluate/);
    // Two trials of four are over, and a quarter of one more: 2.25 / 4 of 30 columns.
    expect(lines[2]?.match(/█/g)).toHaveLength(16);
  });

  it('shows the leaderboard in its order, with figures and what each trial is at', () => {
    const lines = renderWorkflow(sweeping, options).slice(5);
    expect(lines[0]).toMatch(/trial +validation_loss +lr/);
    expect(lines[1]).toMatch(/2 +0\.5123 +0\.001235/);
    expect(lines[2]).toMatch(/1 +0\.01 +25 %, epoch 2 of 8/);
    expect(lines[3]).toMatch(/3 +9 +failed: The loss is no longer a number/);
  });

  it('shows a bar with count, rate and time left for a stage that counts', () => {
    const view: WorkflowView = {
      ...emptyView('p'),
      stages: [
        { stage: 'ingest', state: 'running', amount: { done: 500, total: 1000, unit: 'pictures', rate: 50 } },
      ],
    };
    const [line] = renderWorkflow(view, options);
    expect(line).toContain('500/1000 pictures, 50/s, 10 s left');
    expect(line?.match(/█/g)).toHaveLength(15);
  });

  it('says why a stage failed, and that workers are away', () => {
    const view: WorkflowView = {
      ...emptyView('p'),
      stages: [{ stage: 'ingest', state: 'failed', note: 'no pictures' }],
      trouble: 'No answer right now',
    };
    const text = renderWorkflow(view, options).join('\n');
    expect(text).toContain('✗ ingest      no pictures');
    expect(text).toContain('No answer right now');
  });

  it('uses colour only where it is given', () => {
    const coloured = renderWorkflow(sweeping, { width: 100, colours: pc.createColors(true) });
    expect(coloured.join('')).toContain('\u001b[');
    expect(renderWorkflow(sweeping, options).join('')).not.toContain('\u001b[');
  });
});

describe('either display', () => {
  it.each([false, true])(
    'says a sweep’s pictures and what to look at in it once, and whole (on a terminal: %s)',
    (live) => {
      let text = '';
      const out = new Console({ columns: 40, write: (more) => (text += more) }, plainColours, live);
      const warning =
        'warm_start: sweep-7 looked at other pictures, which takes more than forty columns to say';
      const view = {
        ...sweeping,
        leaderboard: { ...board, pictures: 'pets, version 0f3a', warnings: [warning] },
      };
      present(out, emptyView('s'), view);
      present(out, view, view);
      expect(text.split(warning)).toHaveLength(2);
      expect(text.split('pictures    pets, version 0f3a\n')).toHaveLength(2);
    },
  );
});

describe('the log display', () => {
  it('says a stage’s start and end, each quarter between them, and each trial’s end once', () => {
    const at = (done: number): WorkflowView => ({
      ...emptyView('p'),
      stages: [{ stage: 'ingest', state: 'running', amount: { done, total: 100, unit: 'pictures' } }],
    });
    expect(newLines(emptyView('p'), at(0))).toEqual(['ingest: started']);
    expect(newLines(at(0), at(20))).toEqual([]);
    expect(newLines(at(20), at(30))).toEqual(['ingest: 30/100 pictures']);
    expect(
      newLines(at(30), { ...emptyView('p'), stages: [{ stage: 'ingest', state: 'done', note: '5' }] }),
    ).toEqual(['ingest: done: 5']);
    const trials = newLines(emptyView('p'), { ...sweeping, stages: [] });
    expect(trials).toEqual([
      'trial 2: validation_loss 0.5123 (lr=0.001235)',
      'trial 3: failed: The loss is no longer a number (lr=9)',
    ]);
    expect(newLines(sweeping, sweeping)).toEqual([]);
  });

  it('says activities of workflows without stages', () => {
    const view = (done: number): WorkflowView => ({
      ...emptyView('train-1'),
      activities: [{ name: 'train', amount: { done, total: 10, unit: 'steps' } }],
    });
    expect(newLines(emptyView('train-1'), view(0))).toEqual(['train: started']);
    expect(newLines(view(0), view(5))).toEqual(['train: 5/10 steps']);
  });
});

describe('a training', () => {
  const note = 'epoch 3 of 15, loss 0.812, accuracy 71.2 %, 940 pictures/s, 2 min left';
  const at = (done: number): WorkflowView => ({
    ...emptyView('t'),
    activities: [
      { name: 'trainRun', amount: { done, total: 900, unit: 'steps', rate: 5, timed: true }, note },
    ],
  });

  it('shows its own speed and time left, once, whole where there is room, with a bar that makes room', () => {
    const [line] = renderWorkflow(at(450), { ...options, width: 140 });
    expect(line).toMatch(/trainRun +[█·]{30} {2}450\/900 steps {2}epoch 3 of 15, .*, 2 min left$/);
    expect(line?.match(/left/g)).toHaveLength(1);
    expect(columnsOf(line ?? '')).toBeLessThanOrEqual(140);
    const [narrow] = renderWorkflow(at(450), { ...options, width: 120 });
    expect(narrow).toMatch(/ [█·]{12} {2}450.*, 2 min left$/);
    expect(columnsOf(narrow ?? '')).toBeLessThanOrEqual(120);
  });

  it('says them at each quarter where there is no terminal', () => {
    expect(newLines(at(0), at(450))).toEqual([`trainRun: 450/900 steps, ${note}`]);
  });
});

describe('a live region', () => {
  const terminal = (columns: number, rows: number) => {
    const written: string[] = [];
    return { columns, rows, isTTY: true, written, write: (text: string) => written.push(text) };
  };

  it('goes up by exactly the lines that it drew before, and cuts them to the width', () => {
    const screen = terminal(20, 24);
    const region = new LiveRegion(screen);
    region.draw(['a'.repeat(50), 'b']);
    region.draw(['c']);
    expect(screen.written[0]).toContain(`${'a'.repeat(19)}…`);
    expect(screen.written[1]).toContain('\u001b[2A');
    region.print('lasting');
    expect(screen.written[2]?.startsWith('\u001b[1A\rlasting')).toBe(true);
    region.done();
    region.draw(['d']);
    expect(screen.written.at(-1)).not.toContain('\u001b[1A');
  });

  it('never grows above the screen', () => {
    const screen = terminal(40, 6);
    new LiveRegion(screen).draw(Array.from({ length: 30 }, (_, line) => `line ${line}`));
    expect(screen.written[0]?.split('\n')).toHaveLength(6);
    expect(screen.written[0]).toContain('… 26 more');
  });
});

describe('text', () => {
  it('counts and cuts columns, not bytes or codes', () => {
    const red = pc.createColors(true).red('é✓abc');
    expect(columnsOf(red)).toBe(5);
    expect(columnsOf(clip(red, 3))).toBe(3);
    expect(clip('short', 10)).toBe('short');
  });

  it('counts two columns for what a terminal draws over two, and none for what it draws over another', () => {
    expect(['猫', 'ｱ', '한국', 'か', '🐈', 'Ａ', 'e\u0301', 'cat'].map(columnsOf)).toEqual([
      2, 1, 4, 2, 2, 2, 1, 3,
    ]);
    expect([clip('猫猫猫', 4), clip('猫猫', 4), clip('a猫猫', 4)]).toEqual(['猫…', '猫猫', 'a猫…']);
    const lines = table(
      ['class', 'pictures'],
      [
        ['猫', '1'],
        ['dog', '2'],
      ],
    );
    expect(new Set(lines.slice(1).map((line) => columnsOf(line)))).toEqual(new Set([8]));
  });

  it('writes durations, sizes and figures as people do', () => {
    expect([900, 62_000, 7_620_000].map(duration)).toEqual(['1 s', '1 min 02 s', '2 h 07 min']);
    expect([999, 43_900_000, 853_463_601].map(bytes)).toEqual(['999 B', '43.9 MB', '853 MB']);
    expect([3, 0.123456, 0.00001].map(figure)).toEqual(['3', '0.1235', '1.00e-5']);
  });

  it('keeps a bar’s width whatever the share', () => {
    for (const share of [-1, 0, 0.01, 0.5, 0.999, 1, 7, Number.NaN]) {
      expect(columnsOf(bar(share, 12, plainColours))).toBe(12);
    }
  });

  it('says how fast a download is, without a rate where none is known', () => {
    expect(amountText({ done: 1e6, total: 2e6, unit: 'bytes', rate: 5e5 })).toBe(
      '1.0 MB of 2.0 MB, 500 kB/s, 2 s left',
    );
    expect(amountText({ done: 1, total: 2, unit: 'steps' })).toBe('1/2 steps');
  });

  it('aligns a table’s columns, figures to the right', () => {
    expect(
      table(
        ['n', 'name'],
        [
          ['10', 'x'],
          ['2', 'longer'],
        ],
        new Set([0]),
      ),
    ).toEqual([' n  name', '10  x', ' 2  longer']);
  });
});

describe('a rate', () => {
  it('is of what was done since it was first seen, not of what was there before', () => {
    const rate = new Rate();
    expect(rate.add(0, 1000)).toBeUndefined();
    expect(rate.add(2000, 1100)).toBe(50);
  });

  it('starts over where less is done than before', () => {
    const rate = new Rate();
    rate.add(0, 900);
    expect(rate.add(1000, 10)).toBeUndefined();
    expect(rate.add(2000, 30)).toBe(20);
  });
});

describe('a result', () => {
  const evaluation = { accuracy: 0.625, interval: [0.58, 0.67] as const, baseline: 0.1, pictures: 400 };

  it('gives a pipeline’s accuracy beside the baseline and with its interval', () => {
    const result = {
      ...evaluation,
      model: 'animals',
      manifest: { uri: 'store://datasets/animals/1f/manifest.jsonl', sha256: '1f' },
      rejected: 2,
      version: 3,
      promoted: true,
      champion: 3,
      reason: 'better',
    };
    const text = resultLines('pipeline', result, plainColours).join('\n');
    expect(text).toContain('animals version 3 is the champion');
    expect(text).toContain('62.5 % of 400 test pictures (95 % interval 58.0 % to 67.0 %');
    expect(text).toContain('commonest class: 10.0 %');
    expect(text).toContain(
      'left out    2 files; each with its reason in datasets/animals/1f/card.html of the store',
    );
    const kept = resultLines('pipeline', { ...result, promoted: false, champion: 2 }, plainColours);
    expect(kept[0]).toBe('animals version 3 was not promoted; the champion is version 2');
  });

  it('is readable for every other type', () => {
    const ref = { uri: 'store://x', sha256: 'abc' };
    const train = { run: 'run-1', result: ref, metrics: { validation_loss: 0.5 }, epochs: 8 };
    const best = { trial: 2, metric: 0.5, parameters: { lr: 0.01 }, ...train };
    expect(
      resultLines(
        'sweep',
        { best, prepared: ref, metric: 'validation_loss', trials: 4, failed: 1 },
        plainColours,
      ),
    ).toEqual([
      'trial 2 is the best of 4 (1 failed)',
      'validation_loss  0.5',
      'parameters  lr=0.01',
      'run         run-1',
    ]);
    expect(resultLines('train', train, plainColours).join('\n')).toContain('validation_loss 0.5');
    expect(resultLines('promote', { promoted: false, reason: 'worse' }, plainColours)[1]).toBe(
      'champion    none',
    );
    expect(resultLines('evaluate', { ...evaluation, evaluation: ref }, plainColours)[1]).toContain(
      'store://x',
    );
    const ingest = {
      manifest: ref,
      pictures: 3,
      classes: ['a', 'b'],
      perSplit: { train: 1, validation: 1, test: 1 },
      rejected: 2,
    };
    expect(resultLines('ingest', ingest, plainColours).join('\n')).toContain('left out    2');
    expect(resultLines('rollback', { promoted: true, champion: 1, reason: 'worse' }, plainColours)).toEqual([
      'champion    version 1',
      'because     worse',
    ]);
    expect(resultLines('rollback', undefined, plainColours)).toEqual(['done']);
  });
});
