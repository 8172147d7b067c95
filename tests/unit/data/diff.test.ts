import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { splitNames, type ManifestEntry, type SplitName } from '../../../contracts/schemas/documents';
import { diffVersions, type Change } from '../../../lib/data/diff';
import { createRandom } from '../../../lib/random';

/** `cat/1.png`, with these bytes. */
const entry = (path: string, content: string, split: SplitName = 'train', label?: string): ManifestEntry => ({
  ...{ path, split, label: label ?? path.split('/')[0]! },
  sha256: createHash('sha256').update(content).digest('hex'),
});

const said = (changes: readonly Change[]): string[] =>
  changes.map(({ before, after }) => `${before.path} > ${after.path}`);

/** Only the lists that are not empty. */
function told(before: readonly ManifestEntry[], after: readonly ManifestEntry[]): Record<string, string[]> {
  const { added, removed, relabelled, moved, resplit, changed } = diffVersions(before, after);
  const all = {
    ...{ added: added.map(({ path }) => path), removed: removed.map(({ path }) => path) },
    ...{ relabelled: said(relabelled), moved: said(moved), resplit: said(resplit), changed: said(changed) },
  };
  return Object.fromEntries(Object.entries(all).filter(([, list]) => list.length > 0));
}

describe('diffVersions', () => {
  it('finds nothing between a version and itself, in whatever order', () => {
    const entries = [entry('cat/1', 'a'), entry('cat/2', 'b'), entry('dog/1', 'a')];
    expect(told(entries, [...entries].reverse())).toEqual({});
    expect(told([], [])).toEqual({});
  });

  it('tells what came, went, and stands under a path with other bytes', () => {
    const before = [entry('cat/1', 'a'), entry('cat/2', 'b'), entry('dog/2', 'd'), entry('dog/1', 'c')];
    const after = [entry('dog/4', 'f'), entry('cat/1', 'a'), entry('dog/2', 'changed'), entry('dog/3', 'e')];
    expect(told(before, after)).toEqual({
      added: ['dog/3', 'dog/4'],
      removed: ['cat/2', 'dog/1'],
      changed: ['dog/2 > dog/2'],
    });
  });

  it('tells relabelled from moved, and of either whether the split is another', () => {
    const before = [
      entry('cat/1', 'a'),
      entry('cat/2', 'b'),
      entry('cat/3', 'c'),
      entry('x', 'd', 'test', 'cat'),
    ];
    const after = [
      entry('dog/1', 'a', 'test'),
      entry('cat/two', 'b'),
      entry('cat/3', 'c', 'validation'),
      entry('x', 'd', 'test', 'dog'),
    ];
    expect(told(before, after)).toEqual({
      relabelled: ['cat/1 > dog/1', 'x > x'],
      moved: ['cat/2 > cat/two'],
      resplit: ['cat/3 > cat/3', 'cat/1 > dog/1'],
    });
  });

  it('tells of each copy of the same bytes for itself', () => {
    const a = (path: string) => entry(path, 'a');
    expect(told([a('cat/1')], [a('cat/1'), a('cat/2')])).toEqual({ added: ['cat/2'] });
    expect(told([a('cat/1'), a('cat/2')], [a('cat/2')])).toEqual({ removed: ['cat/1'] });
    expect(told([a('cat/1'), a('cat/2')], [a('cat/2'), a('cat/3')])).toEqual({ moved: ['cat/1 > cat/3'] });
    // The copy of the same label has moved; the other one is gone.
    expect(told([a('cat/1'), a('dog/1')], [a('dog/0')])).toEqual({
      removed: ['cat/1'],
      moved: ['dog/1 > dog/0'],
    });
    expect(told([a('cat/1'), a('dog/1')], [a('fox/1'), a('fox/2'), a('fox/3')])).toEqual({
      added: ['fox/3'],
      relabelled: ['cat/1 > fox/1', 'dog/1 > fox/2'],
    });
  });

  it('takes two files that changed places as moved, and a path whose old bytes moved as added', () => {
    const before = [entry('cat/1', 'a'), entry('cat/2', 'b')];
    expect(told(before, [entry('cat/1', 'b'), entry('cat/2', 'a')])).toEqual({
      moved: ['cat/2 > cat/1', 'cat/1 > cat/2'],
    });
    expect(told([entry('cat/1', 'a')], [entry('cat/1', 'new'), entry('cat/2', 'a')])).toEqual({
      added: ['cat/1'],
      moved: ['cat/1 > cat/2'],
    });
  });

  it('counts each class before and after', () => {
    const before = [entry('cat/1', 'a'), entry('cat/2', 'b'), entry('eel/1', 'e')];
    const after = [entry('cat/1', 'a'), entry('dog/2', 'b'), entry('dog/3', 'c')];
    expect(diffVersions(before, after).classes).toEqual([
      { label: 'cat', before: 2, after: 1 },
      { label: 'dog', before: 0, after: 2 },
      { label: 'eel', before: 1, after: 0 },
    ]);
  });

  it('accounts for every entry once, and reads backwards as its mirror', () => {
    const random = createRandom('versions');
    const draw = (): ManifestEntry[] =>
      Array.from({ length: 40 }, (_, at) => at)
        .filter(() => random.next() < 0.7)
        .map((at) =>
          entry(`p${at}`, `${random.int(25)}`, splitNames[random.int(3)], ['cat', 'dog'][random.int(2)]),
        );
    for (let time = 0; time < 50; time += 1) {
      const [before, after] = [draw(), draw()];
      const diff = diffVersions(before, random.shuffle(after));
      expect(diff).toEqual(diffVersions(random.shuffle(before), after));
      expect(before.length - diff.removed.length).toBe(after.length - diff.added.length);
      for (const { before: was, after: is } of [...diff.relabelled, ...diff.moved, ...diff.resplit]) {
        expect(was.sha256).toBe(is.sha256);
      }
      for (const { before: was, after: is } of diff.changed) {
        expect(was.path === is.path && was.sha256 !== is.sha256).toBe(true);
      }
      const mirror = diffVersions(after, before);
      expect(mirror.added).toEqual(diff.removed);
      expect(mirror.relabelled).toHaveLength(diff.relabelled.length);
      expect(mirror.resplit).toHaveLength(diff.resplit.length);
      // What is left of the new bytes over the old ones must have come from somewhere.
      const left = (entries: readonly ManifestEntry[], sha256: string) =>
        entries.filter((one) => one.sha256 === sha256).length;
      for (const { sha256 } of after) {
        const more = left(after, sha256) - left(before, sha256);
        const come = left(diff.added, sha256) + diff.changed.filter((c) => c.after.sha256 === sha256).length;
        expect(come).toBe(Math.max(more, 0));
      }
    }
  });
});
