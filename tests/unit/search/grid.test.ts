import { describe, expect, it } from '@jest/globals';
import type { TrialSeen } from '../../../contracts/search';
import { checkGrid, gridSize } from '../../../lib/search/grid';
import { parseSpace } from '../../../lib/search/space';
import { suggest } from '../../../lib/search/suggest';

const space = parseSpace({
  lr: { values: [0.01, 0.001] },
  batch_size: { distribution: 'int_uniform', min: 2, max: 4 },
  epochs: { value: 5 },
});

/** All that a grid suggests, each trial having ended in the given state. */
function walk(of: typeof space, before: readonly TrialSeen[] = []): Record<string, unknown>[] {
  const observed = [...before];
  const cells: Record<string, unknown>[] = [];
  for (;;) {
    const trial = observed.length + 1;
    const parameters = suggest({ space: of, method: 'grid', goal: 'minimize', seed: 1, observed }, trial);
    if (parameters === undefined) return cells;
    cells.push(parameters);
    observed.push({ trial, parameters, state: trial % 2 === 0 ? 'failed' : 'running' });
  }
}

describe('a grid', () => {
  it('goes through every cell once, by names, the last the fastest, and ends at its exact size', () => {
    const cells = walk(space);
    expect(cells).toHaveLength(gridSize(space));
    expect(cells.map(({ batch_size, lr }) => [batch_size, lr])).toEqual([
      [2, 0.01],
      [2, 0.001],
      [3, 0.01],
      [3, 0.001],
      [4, 0.01],
      [4, 0.001],
    ]);
    expect(Object.keys(cells[0] ?? {})).toEqual(['lr', 'batch_size', 'epochs']);
  });

  it('leaves out a cell that somebody has tried by hand, and lets one outside of it pass', () => {
    const before: TrialSeen[] = [
      { trial: 1, parameters: { epochs: 5, batch_size: 2, lr: 0.001 }, state: 'finished', value: 1 },
      { trial: 2, parameters: { epochs: 9, batch_size: 2, lr: 0.01 }, state: 'finished', value: 1 },
    ];
    expect(walk(space, before).map(({ batch_size, lr }) => [batch_size, lr])).toEqual([
      [2, 0.01],
      [3, 0.01],
      [3, 0.001],
      [4, 0.01],
      [4, 0.001],
    ]);
  });

  it('holds the multiples that q_uniform draws', () => {
    const quarter = parseSpace({
      'network.dropout': { distribution: 'q_uniform', min: 0.1, max: 0.6, q: 0.25 },
    });
    expect(walk(quarter).map((cell) => cell['network.dropout'])).toEqual([0, 0.25, 0.5]);
  });

  it.each([
    ['a range without steps', { lr: { min: 0.1, max: 0.5 } }, ['lr'], /can't hold uniform/],
    ['weighted values', { lr: { values: [1, 2], probabilities: [0.5, 0.5] } }, ['lr'], /categorical_w_prob/],
    [
      'a nested normal',
      { network: { parameters: { dropout: { mu: 0, distribution: 'normal' } } } },
      ['network', 'parameters', 'dropout'],
      /normal/,
    ],
    [
      'more cells than anybody waits for',
      { a: { min: 1, max: 2000 }, b: { min: 1, max: 2000 } },
      [],
      /4000000 cells/,
    ],
  ])('refuses %s', (_what, parameters, path, message) => {
    expect(checkGrid(parseSpace(parameters))).toEqual([
      { path, message: expect.stringMatching(message), wrong: 'value' },
    ]);
  });
});
