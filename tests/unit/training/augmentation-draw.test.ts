import { describe, expect, it } from '@jest/globals';
import { augmentationSchema, type Augmentation } from '../../../contracts/schemas/run';
import { createRandom, type Random } from '../../../lib/random';
import { drawBeta } from '../../../lib/training/augmentation/beta';
import { drawAugmentation, type AugmentationDraw } from '../../../lib/training/augmentation/draw';

const off: Augmentation = augmentationSchema.parse({ flip: false, shift: 0, brightness: 0 });
const everything: Augmentation = {
  flip: true,
  shift: 0.25,
  rotation: 20,
  crop: 0.6,
  brightness: 0.1,
  contrast: 0.3,
  saturation: 0.4,
  hue: 25,
  erase: 0.5,
  mixup: 0.4,
  cutmix: 1,
};
const shape = { height: 48, width: 24, channels: 3 };
const numbers = (count: number): number[] => Array.from({ length: count }, (_, at) => at);

function drawn(
  settings: Partial<Augmentation>,
  { pictures = numbers(500), seed = 1, batch = 'batch 0', of = shape } = {},
): AugmentationDraw | undefined {
  return drawAugmentation({ ...off, ...settings }, of, createRandom(seed), pictures, batch);
}

function changes(settings: Partial<Augmentation>, options: Parameters<typeof drawn>[1] = {}) {
  return drawn(settings, options)?.pictures ?? [];
}

describe('the draw of an augmentation', () => {
  it('is none where every setting is off, and where nothing came out as a change', () => {
    expect(drawn({})).toBeUndefined();
    // Of 30 single pictures some are not mirrored, and these need nothing done to them.
    const single = numbers(30).map((picture) => drawn({ flip: true }, { pictures: [picture] }));
    expect(single.filter((draw) => draw === undefined).length).toBeGreaterThan(5);
    expect(single.every((draw) => draw === undefined || draw.pictures[0]?.flip === true)).toBe(true);
  });

  it('is no mixing of a picture that is alone', () => {
    expect(drawn({ mixup: 1, cutmix: 1 }, { pictures: [4] })).toBeUndefined();
  });

  it('turns no colours of grey pictures', () => {
    expect(drawn({ saturation: 1, hue: 180 }, { of: { ...shape, channels: 1 } })).toBeUndefined();
    expect(drawn({ saturation: 1, hue: 180 })).toBeDefined();
  });

  it('gives a picture the same whatever batch it is in, and whatever place', () => {
    const large = changes(everything, { pictures: numbers(9) });
    const small = changes(everything, { pictures: [7, 2], batch: 'another' });
    expect(small).toEqual([large[7], large[2]]);
  });

  it('gives each picture, each seed and each batch something else', () => {
    const of = (seed: number): string[] =>
      changes(everything, { seed, pictures: numbers(100) }).map((change) => JSON.stringify(change));
    expect(new Set([...of(1), ...of(2)]).size).toBe(200);
    const [one, other] = ['batch 0', 'batch 32'].map((batch) => drawn({ mixup: 1 }, { batch })?.mixing);
    expect(one?.share).not.toBe(other?.share);
    expect(one?.partners).not.toEqual(other?.partners);
    expect(drawn({ mixup: 1 })?.mixing).toEqual(one);
  });

  it('gives one setting the same whether or not the others are on', () => {
    const all = changes(everything);
    const names = ['flip', 'crop', 'brightness', 'contrast', 'saturation', 'hue', 'erase'] as const;
    const parts = { brightness: 'brighter', erase: 'erased' } as const;
    for (const name of names) {
      const part = name in parts ? parts[name as keyof typeof parts] : name;
      const alone = changes({ [name]: everything[name] });
      expect(alone.map((change) => change[part as keyof typeof change])).toEqual(
        all.map((change) => change[part as keyof typeof change]),
      );
    }
    expect(changes({ rotation: 20 }).map(({ angle }) => angle)).toEqual(all.map(({ angle }) => angle));
    expect(changes({ shift: 0.25 }).map(({ right, down }) => [right, down])).toEqual(
      all.map(({ right, down }) => [right, down]),
    );
    expect(drawn({ mixup: 0.4, cutmix: 1 })?.mixing).toEqual(drawn(everything)?.mixing);
  });

  it('draws no two numbers of a picture from the same one', () => {
    const used = changes({ ...everything, erase: 1 }).map((change) => [
      change.right / (2 * 6) + 0.5,
      change.down / (2 * 12) + 0.5,
      change.angle / 40 + 0.5,
      change.brighter / 51 + 0.5,
      (change.contrast - 1) / 0.6 + 0.5,
      (change.saturation - 1) / 0.8 + 0.5,
      change.hue / 50 + 0.5,
    ]);
    const columns = numbers(7).map((at) => used.map((row) => row[at] ?? NaN));
    for (const [at, one] of columns.entries()) {
      for (const other of columns.slice(at + 1)) expect(Math.abs(correlation(one, other))).toBeLessThan(0.2);
    }
  });

  it('stays within the settings, and uses them to their ends', () => {
    const all = changes(everything, { pictures: numbers(2000) });
    const range = (values: number[]): [number, number] => [Math.min(...values), Math.max(...values)];
    expect(range(all.map(({ right }) => right))).toEqual([-6, 6]);
    expect(range(all.map(({ down }) => down))).toEqual([-12, 12]);
    expectRange(range(all.map(({ angle }) => angle)), [-20, 20]);
    expectRange(range(all.map(({ brighter }) => brighter)), [-25.5, 25.5]);
    expectRange(range(all.map(({ contrast }) => contrast)), [0.7, 1.3]);
    expectRange(range(all.map(({ saturation }) => saturation)), [0.6, 1.4]);
    expectRange(range(all.map(({ hue }) => hue)), [-25, 25]);
    const flipped = all.filter(({ flip }) => flip).length;
    expect(flipped).toBeGreaterThan(900);
    expect(flipped).toBeLessThan(1100);
  });

  it('crops to a part of the picture that is no smaller than asked and lies inside', () => {
    for (const most of [0.1, 0.6, 0.9]) {
      const crops = changes({ crop: most }, { pictures: numbers(1000) }).map(({ crop }) => crop);
      const areas = crops.map(({ width, height }) => (width * height) / (24 * 48));
      expectRange([Math.min(...areas), Math.max(...areas)], [1 - most, 1]);
      for (const { left, top, width, height } of crops) {
        expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
        expect(left + width).toBeLessThanOrEqual(24 + 1e-9);
        expect(top + height).toBeLessThanOrEqual(48 + 1e-9);
        const aspect = width / 24 / (height / 48);
        expect(aspect).toBeGreaterThanOrEqual(3 / 4 - 1e-9);
        expect(aspect).toBeLessThanOrEqual(4 / 3 + 1e-9);
      }
    }
  });

  it('erases as often as asked, rectangles of 2 to 33 % inside of the picture', () => {
    const parts = changes({ erase: 0.3 }, { pictures: numbers(2000) }).flatMap(({ erased }) => erased ?? []);
    expect(parts.length).toBeGreaterThan(520);
    expect(parts.length).toBeLessThan(680);
    for (const { left, top, width, height } of parts) {
      expect([left, top, width, height].every(Number.isInteger)).toBe(true);
      expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
      expect(left + width).toBeLessThanOrEqual(24);
      expect(top + height).toBeLessThanOrEqual(48);
      // Rounded to whole pixels.
      expect(width * height).toBeGreaterThan(0.01 * 24 * 48);
      expect(width * height).toBeLessThan(0.36 * 24 * 48);
    }
    const lefts = parts.filter(({ width }) => width < 12).map(({ left }) => left);
    expect(Math.min(...lefts)).toBe(0);
  });
});

describe('the mixing of a batch', () => {
  const batches = numbers(400).map((at) => `batch ${at}`);

  it('gives every picture a partner that is another one, each once', () => {
    for (const count of [2, 3, 32]) {
      const partners = [...(drawn({ mixup: 1 }, { pictures: numbers(count) })?.mixing?.partners ?? [])];
      expect(partners.every((partner, at) => partner !== at)).toBe(true);
      expect([...partners].sort((a, b) => a - b)).toEqual(numbers(count));
    }
  });

  it('takes mixup and CutMix as often as each other where both are set, else the one that is', () => {
    const pasted = (settings: Partial<Augmentation>): number =>
      batches.filter((batch) => drawn(settings, { batch, pictures: [1, 2] })?.mixing?.pasted).length;
    expect(pasted({ mixup: 1, cutmix: 1 })).toBeGreaterThan(160);
    expect(pasted({ mixup: 1, cutmix: 1 })).toBeLessThan(240);
    expect(pasted({ mixup: 1 })).toBe(0);
    // Where the rectangle has no pixel, nothing is mixed.
    expect(pasted({ cutmix: 1 })).toBeGreaterThan(380);
  });

  it('counts as the share of a picture the area that CutMix really left of it', () => {
    for (const batch of batches) {
      const mixing = drawn({ cutmix: 1 }, { batch, pictures: [1, 2] })?.mixing;
      if (!mixing) continue;
      const { left = NaN, top = NaN, width = NaN, height = NaN } = mixing.pasted ?? {};
      expect(mixing.share).toBeCloseTo(1 - (width * height) / (24 * 48), 12);
      expect(width * height).toBeGreaterThan(0);
      expect(Math.min(left, top)).toBeGreaterThanOrEqual(0);
      expect(left + width).toBeLessThanOrEqual(24);
      expect(top + height).toBeLessThanOrEqual(48);
    }
  });
});

describe('a draw from Beta(α, β)', () => {
  it.each([
    [0.2, 0.2],
    [1, 1],
    [0.4, 2],
    [8, 3],
  ])('has the mean and the variance of Beta(%d, %d)', (alpha, beta) => {
    const random = createRandom(`beta ${alpha} ${beta}`);
    const values = numbers(20_000).map(() => drawBeta(alpha, beta, random));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    const total = alpha + beta;
    expect(Math.abs(mean - alpha / total)).toBeLessThan(0.012);
    expect(variance / ((alpha * beta) / (total ** 2 * (total + 1)))).toBeCloseTo(1, 1);
  });

  it('is a uniform number where α and β are 1: a tenth of the draws in each tenth', () => {
    const random = createRandom('uniform');
    const tenths = new Map<number, number>();
    for (let at = 0; at < 10_000; at += 1) {
      const tenth = Math.floor(drawBeta(1, 1, random) * 10);
      tenths.set(tenth, (tenths.get(tenth) ?? 0) + 1);
    }
    expect(tenths.size).toBe(10);
    for (const count of tenths.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });

  it('is a number also where α is next to nothing or the generator gives its ends', () => {
    const random = createRandom('small');
    const values = numbers(200).map(() => drawBeta(1e-4, 1e-4, random));
    expect(values.every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(values.filter((value) => value < 1e-6 || value > 1 - 1e-6).length).toBeGreaterThan(190);
    const zeros: Random = { ...createRandom(1), next: () => 0, normal: () => 0 };
    expect(drawBeta(0.5, 0.5, zeros)).toBe(0.5);
  });
});

function expectRange([low, high]: [number, number], [least, most]: [number, number]): void {
  const near = (most - least) * 0.02;
  expect(low).toBeGreaterThanOrEqual(least - 1e-9);
  expect(low).toBeLessThan(least + near);
  expect(high).toBeLessThanOrEqual(most + 1e-9);
  expect(high).toBeGreaterThan(most - near);
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [middleA, middleB] = [mean(a), mean(b)];
  const covariance = mean(a.map((value, at) => (value - middleA) * ((b[at] ?? NaN) - middleB)));
  const spread = (values: readonly number[], middle: number): number =>
    Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
  return covariance / (spread(a, middleA) * spread(b, middleB));
}
