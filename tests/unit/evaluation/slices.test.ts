import { describe, expect, it } from '@jest/globals';
import type { PictureFacts } from '../../../lib/evaluation/picture-facts';
import { slicesOf } from '../../../lib/evaluation/slices';

const nothing: PictureFacts = {
  sources: undefined,
  pixels: undefined,
  brightness: [5, 5, 5, 5, 5, 5],
  brightnessOf: 'prepared',
};
const truth = Int32Array.from([0, 0, 0, 1, 1, 1]);
const right = Uint8Array.from([1, 1, 0, 1, 0, 0]);
const slices = (facts: Partial<PictureFacts>, by: string) =>
  slicesOf(['cat', 'dog', 'emu'], truth, right, { ...nothing, ...facts })
    .filter((slice) => slice.by === by)
    .map(({ name, pictures, accuracy, range }) => ({ name, pictures, accuracy, ...(range && { range }) }));

describe('slicesOf', () => {
  it('has a slice for each class, and null for one without pictures', () => {
    expect(slices({}, 'class')).toEqual([
      { name: 'cat', pictures: 3, accuracy: 2 / 3 },
      { name: 'dog', pictures: 3, accuracy: 1 / 3 },
      { name: 'emu', pictures: 0, accuracy: null },
    ]);
  });

  it('cuts sizes and brightnesses into thirds, whose ranges it says', () => {
    const pixels = [600, 100, 500, 200, 400, 300];
    expect(slices({ pixels }, 'size')).toEqual([
      { name: 'smallest third', pictures: 2, accuracy: 1, range: [100, 200] },
      { name: 'middle third', pictures: 2, accuracy: 0, range: [300, 400] },
      { name: 'largest third', pictures: 2, accuracy: 0.5, range: [500, 600] },
    ]);
  });

  it('keeps equal values together, and cuts nothing where all are equal', () => {
    const brightness = [9, 9, 9, 9, 9, 80];
    expect(slices({ brightness }, 'brightness').map(({ pictures }) => pictures)).toEqual([5, 1]);
    expect(slices({}, 'brightness')).toEqual([]);
  });

  it('takes folders for sources where one of them holds several classes', () => {
    expect(slices({ sources: ['a', 'a', 'b', 'b', 'b', ''] }, 'source')).toEqual([
      { name: '/', pictures: 1, accuracy: 0 },
      { name: 'a', pictures: 2, accuracy: 1 },
      { name: 'b', pictures: 3, accuracy: 1 / 3 },
    ]);
    // Each of one class alone: these are class folders under another name.
    expect(slices({ sources: ['x', 'x', 'x', 'y', 'y', 'y'] }, 'source')).toEqual([]);
    expect(slices({ sources: ['', '', '', '', '', ''] }, 'source')).toEqual([]);
  });
});
