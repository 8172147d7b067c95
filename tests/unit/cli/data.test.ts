import { describe, expect, it } from '@jest/globals';
import { placeOf } from '../../../cli/commands/data/place';
import { nameFor } from '../../../cli/commands/data/source-name';
import { age, leftOutText, plainText } from '../../../cli/display/dataset';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { openStore } from '../../../lib/storage/open-store';

describe('the name that a source suggests', () => {
  it.each([
    ['/home/ada/My Photos', 'my-photos'],
    ['/home/ada/photos/', 'photos'],
    ['/home/ada/pets.tar.gz', 'pets'],
    ['gs://bucket/2026/pets', 'pets'],
    ['gs://bucket/pets/**', 'pets'],
    ['gs://my.bucket', 'my-bucket'],
    ['https://example.org/data/Photos.zip?signature=a/b', 'photos'],
    ['https://example.org/list.csv#top', 'list'],
    ['kaggle://alessiocorrado99/animals10', 'animals10'],
    ['sample://animals', 'animals'],
    ['/', 'pictures'],
  ])('of %s is %s', (source, name) => {
    expect(nameFor(source)).toBe(name);
  });
});

describe('what is said of datasets', () => {
  it('names a place that one can open', () => {
    expect(placeOf(createFolderStore('/store'), 'store://a/card.html')).toBe('/store/a/card.html');
    expect(placeOf(openStore('gs://bucket/my prefix'), 'store://a/card.html')).toBe(
      'https://storage.cloud.google.com/bucket/my%20prefix/a/card.html',
    );
  });

  it('has ages in days where hours would be many', () => {
    const now = Date.parse('2026-11-25T12:00:00Z');
    expect(age('2026-11-25T11:59:30Z', now)).toBe('30 s');
    expect(age('2026-11-24T00:00:00Z', now)).toBe('36 h 00 min');
    expect(age('2026-10-25T12:00:00Z', now)).toBe('31 d');
  });

  it('moves no cursor, whatever a source calls its classes', () => {
    expect(plainText('a\u001b[2Jb\n\u202ec')).toBe('a�[2Jb��c');
  });

  it('counts what was left out by kind, the most first, and not what was kept', () => {
    const finding = { path: 'a', reason: 'x' };
    expect(
      leftOutText([
        { ...finding, kind: 'damaged', dropped: true },
        { ...finding, kind: 'not_a_picture', dropped: true },
        { ...finding, kind: 'not_a_picture', dropped: true },
        { ...finding, kind: 'near_duplicate', dropped: false },
      ]),
    ).toBe('2 not a picture, 1 damaged');
  });
});
