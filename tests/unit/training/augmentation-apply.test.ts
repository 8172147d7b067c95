import { beforeAll, describe, expect, it } from '@jest/globals';
import { augmentationSchema, type Augmentation } from '../../../contracts/schemas/run';
import { createRandom } from '../../../lib/random';
import { tf } from '../../../lib/tensorflow';
import { download, free, liveTensors, scoped, upload } from '../../../lib/tensorflow/handles';
import { augmentImages, type Mix } from '../../../lib/training/augmentation/apply';
import { drawAugmentation, type AugmentationDraw } from '../../../lib/training/augmentation/draw';
import type { Mixing } from '../../../lib/training/augmentation/mixing';
import type { PictureChange, PictureShape } from '../../../lib/training/augmentation/picture-change';

const small = { height: 5, width: 4, channels: 3 };

beforeAll(() => tf.ready());

function still({ height, width }: PictureShape): PictureChange {
  return {
    crop: { left: 0, top: 0, width, height },
    flip: false,
    angle: 0,
    right: 0,
    down: 0,
    contrast: 1,
    brighter: 0,
    saturation: 1,
    hue: 0,
    erased: undefined,
  };
}

/** Pictures without a pattern, from 20 to 235. */
function batchOf(count: number, { height, width, channels }: PictureShape): Float32Array {
  const random = createRandom('pictures');
  return Float32Array.from({ length: count * height * width * channels }, () => 20 + random.int(216));
}

function augmented(
  values: Float32Array,
  shape: PictureShape,
  changes: readonly Partial<PictureChange>[],
  {
    resampling = 'none',
    mixing,
    count = changes.length,
  }: { resampling?: AugmentationDraw['resampling']; mixing?: Mixing; count?: number } = {},
): { values: Float32Array; mix: Mix | undefined } {
  const pictures = changes.map((change) => ({ ...still(shape), ...change }));
  return applied(values, count, { shape, resampling, pictures, mixing });
}

function applied(values: Float32Array, count: number, draw: AugmentationDraw) {
  return scoped(() => {
    const images = upload(values, [count, draw.shape.height, draw.shape.width, draw.shape.channels]);
    const { images: output, mix } = augmentImages(images, draw);
    expect(output.shape).toEqual(images.shape);
    // What was given is still there, and is what it was.
    expect(download(images)).toEqual(values);
    return { values: download(output), mix };
  });
}

/** What a flip and a shift should give, pixel by pixel. */
function shifted(
  values: Float32Array,
  { height, width, channels }: PictureShape,
  { flip = false, right = 0, down = 0 }: Partial<PictureChange>,
): Float32Array {
  const edge = (at: number, size: number): number => Math.min(size - 1, Math.max(0, at));
  return values.map((_, index) => {
    const channel = index % channels;
    const x = Math.floor(index / channels) % width;
    const y = Math.floor(index / channels / width);
    const column = edge(x - right, width);
    const from = edge(y - down, height) * width + (flip ? width - 1 - column : column);
    return values[from * channels + channel] ?? NaN;
  });
}

describe('where pixels come from', () => {
  const exact: readonly Partial<PictureChange>[] = [
    {},
    { flip: true },
    { right: 1 },
    { right: -3, down: 2 },
    { down: -4 },
    { flip: true, right: 2, down: 1 },
    { flip: true, right: -1, down: -2 },
  ];

  it.each(['pixels', 'anywhere'] as const)(
    'are exactly the mirrored and moved ones, the edge repeated, read as %s',
    (resampling) => {
      const shapes = [small, { height: 7, width: 6, channels: 1 }, { height: 48, width: 48, channels: 3 }];
      for (const shape of shapes) {
        const size = shape.height * shape.width * shape.channels;
        const values = batchOf(exact.length, shape);
        const { values: output } = augmented(values, shape, exact, { resampling });
        exact.forEach((change, at) => {
          const own = values.slice(at * size, (at + 1) * size);
          expect(output.slice(at * size, (at + 1) * size)).toEqual(shifted(own, shape, change));
        });
      }
    },
  );

  it('are exactly the mirrored ones where others of the batch are cropped', () => {
    const values = batchOf(3, small);
    const crop = { left: 0.7, top: 1.1, width: 2.6, height: 3.2 };
    const { values: output } = augmented(values, small, [{}, { flip: true }, { crop }], {
      resampling: 'box',
    });
    expect(output.slice(0, 60)).toEqual(values.slice(0, 60));
    expect(output.slice(60, 120)).toEqual(shifted(values.slice(60, 120), small, { flip: true }));
  });

  it('are a crop from corner to corner, by either operation', () => {
    // A slope in x and y, which bilinear reading doesn't bend.
    const shape = { height: 9, width: 11, channels: 1 };
    const values = Float32Array.from({ length: 99 }, (_, at) => 3 * (at % 11) + 10 * Math.floor(at / 11));
    const crop = { left: 1.5, top: 2.25, width: 7.2, height: 5.5 };
    for (const flip of [false, true]) {
      for (const resampling of ['box', 'anywhere'] as const) {
        const { values: output } = augmented(values, shape, [{ crop, flip }], { resampling });
        output.forEach((value, at) => {
          const x = flip ? 10 - (at % 11) : at % 11;
          const [column, row] = [1.5 + (x * 6.2) / 10, 2.25 + (Math.floor(at / 11) * 4.5) / 8];
          expect(value).toBeCloseTo(3 * column + 10 * row, 3);
        });
      }
    }
  });

  it('are never outside of the picture, however near to its border a crop ends', () => {
    const shape = { height: 48, width: 37, channels: 1 };
    const white = new Float32Array(200 * 48 * 37).fill(255);
    const settings: Augmentation = { ...off, flip: true, crop: 0.9 };
    const pictures = Array.from({ length: 200 }, (_, at) => at);
    const draw = drawAugmentation(settings, shape, createRandom(4), pictures, 'batch');
    if (!draw) throw new Error('a crop is a change');
    const borders = draw.pictures.map((change) => ({
      ...change,
      crop: { ...change.crop, left: 37 - change.crop.width, top: 48 - change.crop.height },
    }));
    for (const value of applied(white, 200, { ...draw, pictures: borders }).values) {
      if (Math.abs(value - 255) > 1e-3) throw new Error(`a pixel is ${value}`);
    }
  });

  it('are turned clockwise about the centre', () => {
    const shape = { height: 3, width: 3, channels: 1 };
    const values = Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const { values: output } = augmented(values, shape, [{ angle: 90 }], { resampling: 'anywhere' });
    [7, 4, 1, 8, 5, 2, 9, 6, 3].forEach((value, at) => expect(output[at]).toBeCloseTo(value, 4));
  });

  it('are mirrored first, then turned, then moved', () => {
    const shape = { height: 3, width: 3, channels: 1 };
    const values = Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const change = { flip: true, angle: 90, right: 1 };
    const { values: output } = augmented(values, shape, [change], { resampling: 'anywhere' });
    // 3 2 1 / 6 5 4 / 9 8 7, turned: 9 6 3 / 8 5 2 / 7 4 1.
    [9, 9, 6, 8, 8, 5, 7, 7, 4].forEach((value, at) => expect(output[at]).toBeCloseTo(value, 4));
  });
});

describe('colours', () => {
  it('follow contrast about mid-grey, then brightness, clipped to 0 and 255, in grey pictures too', () => {
    for (const shape of [small, { ...small, channels: 1 }]) {
      const values = batchOf(3, shape);
      const changes = [{ contrast: 1.8, brighter: 20 }, { contrast: 0.5 }, { brighter: -80 }];
      const { values: output } = augmented(values, shape, changes);
      const size = values.length / 3;
      output.forEach((value, at) => {
        const { contrast = 1, brighter = 0 } = changes[Math.floor(at / size)] ?? {};
        const expected = ((values[at] ?? NaN) - 127.5) * contrast + 127.5 + brighter;
        expect(value).toBeCloseTo(Math.min(255, Math.max(0, expected)), 3);
      });
      expect(Math.min(...output)).toBe(0);
      expect(Math.max(...output)).toBe(255);
    }
  });

  it('turn in the plane of I and Q, and keep their luma', () => {
    const values = Float32Array.from([140, 120, 110, 120, 135, 125]);
    const shape = { height: 1, width: 2, channels: 3 };
    const [saturation, hue] = [1.3, 35];
    const { values: output } = augmented(values, shape, [{ saturation, hue }]);
    for (const pixel of [0, 1]) {
      const [before, after] = [values, output].map((of) => yiq(of.slice(pixel * 3, pixel * 3 + 3)));
      expect(after?.luma).toBeCloseTo(before?.luma ?? NaN, 3);
      expect(after?.chroma).toBeCloseTo(saturation * (before?.chroma ?? NaN), 1);
      // A circle around to the right of where it was.
      const turn = ((after?.angle ?? NaN) - (before?.angle ?? NaN) + 720) % 360;
      expect(Math.min(turn, 360 - turn)).toBeCloseTo(hue, 0);
    }
  });

  it('come back after a turn there and a turn back, and are grey without saturation', () => {
    const values = batchOf(1, small).map((value) => 110 + value / 10);
    const there = augmented(values, small, [{ hue: 70 }]).values;
    const back = augmented(there, small, [{ hue: -70 }]).values;
    back.forEach((value, at) => expect(value).toBeCloseTo(values[at] ?? NaN, 2));
    const grey = augmented(values, small, [{ saturation: 0 }]).values;
    for (let at = 0; at < grey.length; at += 3) {
      const [red = NaN, green = NaN, blue = NaN] = values.slice(at, at + 3);
      const luma = 0.299 * red + 0.587 * green + 0.114 * blue;
      for (const value of grey.slice(at, at + 3)) expect(value).toBeCloseTo(luma, 3);
    }
  });

  it('of greys are not touched by saturation and hue', () => {
    const values = Float32Array.from({ length: 60 }, (_, at) => Math.floor(at / 3) * 12.75);
    const { values: output } = augmented(values, small, [{ saturation: 1.9, hue: 144 }]);
    output.forEach((value, at) => expect(value).toBeCloseTo(values[at] ?? NaN, 3));
  });

  it('are all of these at once as they are one after the other', () => {
    const values = batchOf(1, small).map((value) => 100 + value / 5);
    const all = augmented(values, small, [{ contrast: 1.2, brighter: 9, saturation: 1.3, hue: 20 }]).values;
    const first = augmented(values, small, [{ contrast: 1.2, brighter: 9 }]).values;
    const then = augmented(first, small, [{ saturation: 1.3, hue: 20 }]).values;
    all.forEach((value, at) => expect(value).toBeCloseTo(then[at] ?? NaN, 2));
  });
});

describe('what is erased', () => {
  it('is mid-grey, and nothing else of the batch is changed', () => {
    const values = batchOf(3, small);
    const erased = { left: 1, top: 2, width: 3, height: 2 };
    const { values: output } = augmented(values, small, [{}, { erased }, { brighter: 200, erased }]);
    output.forEach((value, at) => {
      const [x, y] = [Math.floor(at / 3) % 4, Math.floor(at / 12) % 5];
      const inside = x >= 1 && (y === 2 || y === 3);
      if (at >= 60 && inside) expect(value).toBe(127.5);
      else if (at < 120) expect(value).toBe(values[at]);
    });
  });
});

describe('mixing', () => {
  const partners = Int32Array.from([2, 0, 1]);

  it('blends each picture with its partner, and says whose shares they are', () => {
    const values = batchOf(3, small);
    const mixing = { partners, share: 0.75, pasted: undefined };
    const { values: output, mix } = augmented(values, small, [], { mixing, count: 3 });
    output.forEach((value, at) => {
      const other = values[(partners[Math.floor(at / 60)] ?? NaN) * 60 + (at % 60)] ?? NaN;
      expect(value).toBeCloseTo(0.75 * (values[at] ?? NaN) + 0.25 * other, 3);
    });
    expect([...(mix?.partners ?? [])]).toEqual([2, 0, 1]);
    expect([...(mix?.shares ?? [])]).toEqual([0.75, 0.75, 0.75]);
  });

  it.each([
    { left: 1, top: 2, width: 2, height: 3 },
    { left: 0, top: 0, width: 4, height: 5 },
    { left: 0, top: 1, width: 1, height: 1 },
    { left: 3, top: 0, width: 1, height: 5 },
  ])('pastes exactly the rectangle $left $top $width $height of the partner', (pasted) => {
    const values = batchOf(3, small);
    const share = 1 - (pasted.width * pasted.height) / 20;
    const { values: output } = augmented(values, small, [], {
      mixing: { partners, share, pasted },
      count: 3,
    });
    output.forEach((value, at) => {
      const [x, y] = [Math.floor(at / 3) % 4, Math.floor(at / 12) % 5];
      const inside =
        x >= pasted.left &&
        x < pasted.left + pasted.width &&
        y >= pasted.top &&
        y < pasted.top + pasted.height;
      const picture = inside ? (partners[Math.floor(at / 60)] ?? NaN) : Math.floor(at / 60);
      expect(value).toBe(values[picture * 60 + (at % 60)]);
    });
  });

  it('of white into black gives each picture as much white as its partner’s share', () => {
    const shape = { height: 48, width: 24, channels: 3 };
    const size = 48 * 24 * 3;
    const values = new Float32Array(2 * size);
    values.fill(255, size);
    for (const settings of [{ mixup: 1 }, { cutmix: 1 }]) {
      for (let batch = 0; batch < 20; batch += 1) {
        const random = createRandom(batch);
        const draw = drawAugmentation({ ...off, ...settings }, shape, random, [1, 2], 'batch');
        if (!draw) continue;
        const { values: output, mix } = applied(values, 2, draw);
        const white = output.slice(0, size).reduce((sum, value) => sum + value, 0) / 255 / size;
        expect(white).toBeCloseTo(1 - (mix?.shares[0] ?? NaN), 4);
        const left = output.slice(size).reduce((sum, value) => sum + value, 0) / 255 / size;
        expect(left).toBeCloseTo(mix?.shares[1] ?? NaN, 4);
      }
    }
  });
});

const off: Augmentation = augmentationSchema.parse({ flip: false, shift: 0, brightness: 0 });
const alone: Augmentation = {
  ...augmentationSchema.parse({}),
  rotation: 20,
  crop: 0.5,
  contrast: 0.3,
  saturation: 0.4,
  hue: 25,
  erase: 0.5,
};

describe('augmenting a batch', () => {
  const shape = { height: 16, width: 12, channels: 3 };
  const size = 16 * 12 * 3;

  it.each([
    ['whole pixels', { rotation: 0, crop: 0 }],
    ['a box', { rotation: 0, shift: 0 }],
    ['everything', {}],
  ])('makes of a picture the same whatever batch it is in: %s', (_, settings) => {
    const augmentation = { ...alone, ...settings };
    const values = batchOf(6, shape);
    const one = (pictures: readonly number[]): Float32Array[] => {
      const batch = new Float32Array(pictures.length * size);
      pictures.forEach((picture, at) => {
        batch.set(values.subarray(picture * size, (picture + 1) * size), at * size);
      });
      const draw = drawAugmentation(augmentation, shape, createRandom(3), pictures, 'batch');
      if (!draw) return pictures.map((picture) => values.slice(picture * size, (picture + 1) * size));
      const output = applied(batch, pictures.length, draw).values;
      return pictures.map((__, at) => output.slice(at * size, (at + 1) * size));
    };
    const together = one([0, 1, 2, 3, 4, 5]);
    // Some CPUs round the last numbers of a tensor, which fill no vector, otherwise than those before them.
    const apart = (found: Float32Array | undefined, picture: number): number =>
      Math.max(...(together[picture] ?? []).map((value, at) => Math.abs(value - (found?.[at] ?? NaN))));
    const [fifth, first] = one([5, 1]);
    expect(apart(fifth, 5)).toBeLessThan(1e-3);
    expect(apart(first, 1)).toBeLessThan(1e-3);
    expect(apart(one([2])[0], 2)).toBeLessThan(1e-3);
    expect(together[2]).not.toEqual(values.slice(2 * size, 3 * size));
  });

  it('keeps values within 0 and 255, with all of it on', () => {
    const settings = { ...alone, brightness: 1, contrast: 1, saturation: 1, hue: 180, mixup: 1, cutmix: 1 };
    const values = batchOf(20, shape);
    const pictures = Array.from({ length: 20 }, (_, at) => at);
    for (let seed = 0; seed < 10; seed += 1) {
      const draw = drawAugmentation(settings, shape, createRandom(seed), pictures, 'batch');
      if (!draw) throw new Error('all of it is a change');
      const output = applied(values, 20, draw).values;
      expect(Math.min(...output)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...output)).toBeLessThanOrEqual(255);
    }
  });

  it('answers a tensor of its own also where nothing is changed', () => {
    const values = batchOf(1, small);
    expect(augmented(values, small, [{}]).values).toEqual(values);
    const draw: AugmentationDraw = {
      shape: small,
      resampling: 'none',
      pictures: [still(small)],
      mixing: undefined,
    };
    scoped(() => {
      const images = upload(values, [1, 5, 4, 3]);
      const { images: output } = augmentImages(images, draw);
      free(output);
      expect(download(images)).toEqual(values);
    });
  });

  it('leaves no tensor behind, and until its scope ends no big one but its answer', () => {
    const values = batchOf(8, shape);
    const pictures = Array.from({ length: 8 }, (_, at) => at);
    const before = liveTensors();
    for (const settings of [{ mixup: 1 }, { cutmix: 1 }, { shift: 0 }, { rotation: 0, crop: 0 }]) {
      const draw = drawAugmentation({ ...alone, ...settings }, shape, createRandom(1), pictures, 'batch');
      if (!draw) throw new Error('all of it is a change');
      applied(values, 8, draw);
      expect(liveTensors()).toBe(before);
    }
  });
});

/** By the coefficients of the standard, FCC NTSC; the angle in degrees. */
function yiq(pixel: Float32Array): { luma: number; chroma: number; angle: number } {
  const [red = NaN, green = NaN, blue = NaN] = pixel;
  const luma = 0.299 * red + 0.587 * green + 0.114 * blue;
  const i = 0.5959 * red - 0.2746 * green - 0.3213 * blue;
  const q = 0.2115 * red - 0.5227 * green + 0.3112 * blue;
  return { luma, chroma: Math.hypot(i, q), angle: (Math.atan2(q, i) * 180) / Math.PI };
}
