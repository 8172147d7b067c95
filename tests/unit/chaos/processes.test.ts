import { describe, expect, it } from '@jest/globals';
import { orphansOf, withDescendants, type ProcessEntry } from '../../../bench/chaos/processes';

const entry = (pid: number, parent: number, changes: Partial<ProcessEntry> = {}): ProcessEntry => ({
  ...{ pid, parent, command: `process ${pid}`, state: 'S', home: '/home' },
  ...changes,
});
const all = [
  entry(10, 1),
  entry(11, 10),
  entry(12, 11),
  entry(20, 1, { home: '/other' }),
  entry(30, 1, { state: 'Z' }),
];

describe('processes of a home', () => {
  it('are what a process started, and what those did', () => {
    expect(withDescendants(10, all).map(({ pid }) => pid)).toEqual([10, 11, 12]);
  });

  it('are left over where none that may be there has started them', () => {
    expect(orphansOf('/home', [10], all)).toEqual([]);
    expect(orphansOf('/home', [], all).map(({ pid }) => pid)).toEqual([10, 11, 12]);
    // Its parent ended, so that it is the first process's child.
    const left = [...all, entry(40, 1)];
    expect(orphansOf('/home', [10], left).map(({ pid }) => pid)).toEqual([40]);
  });
});
