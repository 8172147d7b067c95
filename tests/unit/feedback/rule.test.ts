import { describe, expect, it } from '@jest/globals';
import { settle, type SaidLabel } from '../../../lib/feedback/rule';

let minute = 0;
const say = (label: string, by?: string): SaidLabel => {
  minute += 1;
  const at = new Date(Date.UTC(2026, 10, 26, 12, minute)).toISOString();
  return { prediction: 'p', label, by, at, note: undefined };
};

describe('the rule for labels that differ', () => {
  it('takes what one person said last, in whatever order it was read', () => {
    const said = [say('cat', 'ada'), say('dog', 'ada')];
    expect(settle(said)).toMatchObject({ agreement: 'agreed', label: 'dog' });
    expect(settle([...said].reverse())).toEqual(settle(said));
  });

  it('proposes what more than half of the voices say, and says that they differ', () => {
    const said = [say('cat', 'ada'), say('dog', 'ben'), say('dog', 'cleo')];
    expect(settle(said)).toMatchObject({ agreement: 'majority', label: 'dog' });
  });

  it('proposes nothing where two are as many, or where the most are no majority', () => {
    expect(settle([say('cat', 'ada'), say('dog', 'ben')])).toMatchObject({
      agreement: 'tied',
      label: undefined,
    });
    const four = [say('cat', 'a'), say('cat', 'b'), say('dog', 'c'), say('cow', 'd')];
    expect(settle(four)).toMatchObject({ agreement: 'tied', label: undefined });
  });

  it('lets nobody without a name outvote others by repeating it', () => {
    const said = [...Array.from({ length: 100 }, () => say('cat')), say('dog', 'ada')];
    const settled = settle(said);
    expect(settled.agreement).toBe('tied');
    expect(settled.voices).toHaveLength(2);
  });

  it('sees two without a name differ, though they may be one', () => {
    expect(settle([say('cat'), say('dog')]).agreement).toBe('tied');
    expect(settle([say('cat'), say('cat')]).agreement).toBe('agreed');
  });

  it('takes a person who is called as a label is for a person', () => {
    expect(settle([say('cat', 'cat'), say('dog')]).voices).toHaveLength(2);
  });
});
