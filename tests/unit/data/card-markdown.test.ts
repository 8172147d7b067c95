import { describe, expect, it } from '@jest/globals';
import { markdownCard } from '../../../lib/data/card/markdown';
import { countPictures } from '../../../lib/data/split';

const counts = countPictures([
  { label: 'cat', split: 'train' },
  { label: 'cat', split: 'test' },
  { label: '<b>|dog', split: 'train' },
]);

describe('the Markdown card', () => {
  it('counts the pictures of each class and split, and escapes what strangers named', () => {
    const card = markdownCard({ name: 'animals', version: 'v', counts, licences: 'Ours.', rejected: [] });
    expect(card).toContain('Version `v`: 3 pictures of 2 classes.');
    expect(card).toContain('| cat | 1 | 0 | 1 | 2 |');
    expect(card).toContain('| \\<b\\>\\|dog | 1 | 0 | 0 | 1 |');
    expect(card).toContain('## Left out\n\nNothing.');
  });

  it('lists two hundred of what was left out, and says where the rest is', () => {
    const rejected = Array.from({ length: 203 }, (_, n) => ({ path: `${n}.jpg`, reason: 'It is damaged.' }));
    const card = markdownCard({ name: 'animals', version: 'v', counts, licences: 'Ours.', rejected });
    expect(card.match(/It is damaged/g)).toHaveLength(200);
    expect(card).toContain('and 3 more, all in `findings.jsonl`');
  });
});
