import { describe, expect, it } from '@jest/globals';
import { forUi } from '../../../workflows/show-details';

describe('details for the UI', () => {
  it('keep the cells of a table apart, and its rule as it is', () => {
    expect(forUi('| a | b |\n| --- | --- |\n| 1 | x \\| y |')).toBe(
      '| a\u00a0\u00a0 | b\u00a0\u00a0 |\n| --- | --- |\n| 1\u00a0\u00a0 | x \\| y\u00a0\u00a0 |',
    );
  });

  it('stay below the 20 KB that the server takes, whatever the alphabet, and say that something is missing', () => {
    for (const letter of ['a', 'é', '猫', '🐈']) {
      const shown = forUi(Array.from({ length: 2000 }, () => letter.repeat(40)).join('\n'));
      expect(Buffer.byteLength(shown)).toBeLessThan(20_000);
      expect(Buffer.byteLength(shown)).toBeGreaterThan(17_000);
      expect(shown).toMatch(/… and more than fits here\.$/);
    }
  });
});
