import { describe, expect, it } from '@jest/globals';
import { createRandom } from '../../../lib/random';
import { drawChange, writeChanged, type Change } from '../../../lib/training/augment';

const shape = { height: 2, width: 3, channels: 2 };
/** Pixels A to F, two channels each. */
const picture = Uint8Array.from([10, 11, 20, 21, 30, 31, 40, 41, 50, 51, 60, 61]);
const still: Change = { flip: false, right: 0, down: 0, brighter: 0 };

function changed(change: Partial<Change>): number[] {
  const source = Uint8Array.from([...picture.map(() => 255), ...picture]);
  const target = new Float32Array(13).fill(-1);
  writeChanged(source, 12, target, 1, shape, { ...still, ...change });
  expect(target[0]).toBe(-1);
  return Array.from(target.subarray(1));
}

describe('a changed picture', () => {
  it('is the picture itself where nothing changes', () => {
    expect(changed({})).toEqual(Array.from(picture));
  });

  it('is mirrored left to right, its channels in their order', () => {
    expect(changed({ flip: true })).toEqual([30, 31, 20, 21, 10, 11, 60, 61, 50, 51, 40, 41]);
  });

  it('is moved right and down, and repeats its edge where nothing was', () => {
    expect(changed({ right: 1 })).toEqual([10, 11, 10, 11, 20, 21, 40, 41, 40, 41, 50, 51]);
    expect(changed({ right: -2 })).toEqual([30, 31, 30, 31, 30, 31, 60, 61, 60, 61, 60, 61]);
    expect(changed({ down: 1 })).toEqual([...picture.subarray(0, 6), ...picture.subarray(0, 6)]);
  });

  it('is brighter or darker, within 0 and 255', () => {
    expect(changed({ brighter: 230 }).slice(0, 4)).toEqual([240, 241, 250, 251]);
    expect(changed({ brighter: 230 }).slice(4)).toEqual(Array(8).fill(255));
    expect(changed({ brighter: -20.5 }).slice(0, 5)).toEqual([0, 0, 0, 0.5, 9.5]);
  });
});

describe('a change', () => {
  const size = { height: 48, width: 24, channels: 3 };
  const settings = { flip: true, shift: 0.25, brightness: 0.1 };

  it('stays within its settings, and uses them', () => {
    const random = createRandom(1);
    const changes = Array.from({ length: 500 }, () => drawChange(settings, size, random));
    expect(Math.max(...changes.map(({ right }) => Math.abs(right)))).toBe(6);
    expect(Math.max(...changes.map(({ down }) => Math.abs(down)))).toBe(12);
    expect(Math.max(...changes.map(({ brighter }) => Math.abs(brighter)))).toBeLessThanOrEqual(25.5);
    expect(Math.max(...changes.map(({ brighter }) => Math.abs(brighter)))).toBeGreaterThan(24);
    const flipped = changes.filter(({ flip }) => flip).length;
    expect(flipped).toBeGreaterThan(200);
    expect(flipped).toBeLessThan(300);
  });

  it('is the same for the same draw whether or not another setting is on', () => {
    const [all, noFlip] = [settings, { ...settings, flip: false }].map((of) =>
      drawChange(of, size, createRandom(5)),
    );
    expect({ ...all, flip: false }).toEqual(noFlip);
  });

  it('is none where the settings say so', () => {
    const none = drawChange({ flip: false, shift: 0, brightness: 0 }, size, createRandom(3));
    expect(none.flip).toBe(false);
    expect([none.right, none.down, none.brighter].map(Math.abs)).toEqual([0, 0, 0]);
  });
});
