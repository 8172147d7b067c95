import { describe, expect, it } from '@jest/globals';
import { locate } from '../../../lib/data/labels';

const files = (...paths: string[]) => paths.map((path) => ({ path }));

const seen = (labelled: 'by-folder' | 'by-nested-folder', ...paths: string[]) =>
  locate(files(...paths), labelled).map(({ path, label, split }) => [path, label, split]);

describe('labels by folder', () => {
  it('are the first folder, however deep a picture lies in it', () => {
    expect(seen('by-folder', 'cat/1.jpg', 'cat/old/2.jpg', 'dog/3.jpg', 'stray.jpg')).toEqual([
      ['cat/1.jpg', 'cat', undefined],
      ['cat/old/2.jpg', 'cat', undefined],
      ['dog/3.jpg', 'dog', undefined],
      ['stray.jpg', undefined, undefined],
    ]);
  });

  it('lie below folders that are all named for splits', () => {
    expect(seen('by-folder', 'Train/cat/1.jpg', 'val/dog/2.jpg', 'test/cat/3.jpg', 'test/4.jpg')).toEqual([
      ['Train/cat/1.jpg', 'cat', 'train'],
      ['val/dog/2.jpg', 'dog', 'validation'],
      ['test/cat/3.jpg', 'cat', 'test'],
      ['test/4.jpg', undefined, 'test'],
    ]);
  });

  it('may be called test, where another class is not called train', () => {
    expect(seen('by-folder', 'test/1.jpg', 'control/2.jpg').map(([, label]) => label)).toEqual([
      'test',
      'control',
    ]);
  });

  it('are never looked for below the folder that was named, as an archive would be', () => {
    expect(seen('by-folder', 'cat/indoors/1.jpg', 'cat/outdoors/2.jpg').map(([, label]) => label)).toEqual([
      'cat',
      'cat',
    ]);
  });
});

describe('labels of an archive', () => {
  it('are below the folders that name no class, and paths are as without these', () => {
    const folder = ['cat/1.jpg', 'dog/2.jpg'];
    expect(seen('by-nested-folder', 'animals/raw-img/cat/1.jpg', 'animals/raw-img/dog/2.jpg')).toEqual(
      seen('by-folder', ...folder),
    );
    expect(seen('by-nested-folder', ...folder)).toEqual(seen('by-folder', ...folder));
  });

  it('are found beside a licence or a script at the top', () => {
    expect(seen('by-nested-folder', 'translate.py', 'raw-img/cane/1.jpg', 'raw-img/gatto/2.jpg')).toEqual([
      ['translate.py', undefined, undefined],
      ['cane/1.jpg', 'cane', undefined],
      ['gatto/2.jpg', 'gatto', undefined],
    ]);
  });

  it('are never the folders above them, though a picture may lie there', () => {
    const stray = 'animals/overview.jpg';
    expect(seen('by-nested-folder', stray, 'animals/raw-img/cat/1.jpg', 'animals/raw-img/dog/2.jpg')).toEqual(
      [
        [stray, undefined, undefined],
        ['cat/1.jpg', 'cat', undefined],
        ['dog/2.jpg', 'dog', undefined],
      ],
    );
  });

  it('of one class alone are that class', () => {
    expect(
      seen('by-nested-folder', 'pictures/cat/1.jpg', 'pictures/cat/2.jpg').map(([, label]) => label),
    ).toEqual(['cat', 'cat']);
  });

  it('may lie in splits below the top', () => {
    expect(seen('by-nested-folder', 'data/train/cat/1.jpg', 'data/test/cat/2.jpg')).toEqual([
      ['train/cat/1.jpg', 'cat', 'train'],
      ['test/cat/2.jpg', 'cat', 'test'],
    ]);
  });
});

describe('a label map', () => {
  it('renames what it names, may join two, and leaves the rest', () => {
    const located = locate(files('cane/1.jpg', 'lupo/2.jpg', 'gatto/3.jpg'), 'by-folder', {
      cane: 'dog',
      lupo: 'dog',
    });
    expect(located.map(({ label }) => label)).toEqual(['dog', 'dog', 'gatto']);
  });

  it('renames labels that the source gives itself, and none that it does not', () => {
    const given = [{ path: 'a', label: 'cane' }, { path: 'b' }, { path: 'c', label: 'toString' }];
    expect(locate(given, 'given', { cane: 'dog' }).map(({ label }) => label)).toEqual([
      'dog',
      undefined,
      'toString',
    ]);
  });
});
