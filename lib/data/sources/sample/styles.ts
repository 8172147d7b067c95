import type { SplitName } from '../../../../contracts/schemas/documents';

/** The ten classes, those of the Animals-10 dataset. */
export const animals = [
  'butterfly',
  'cat',
  'chicken',
  'cow',
  'dog',
  'elephant',
  'horse',
  'sheep',
  'spider',
  'squirrel',
] as const;

export type Animal = (typeof animals)[number];

/** One emoji set: one hand's way of drawing. */
export interface Style {
  /** The npm package is `@iconify-json/<name>`. */
  readonly name: string;
  /** A style lies in one split as a whole, so that validation and test ask about drawings never seen. */
  readonly split: SplitName;
  readonly title: string;
  readonly author: string;
  readonly licence: string;
  readonly address: string;
  readonly glyphs: Readonly<Record<Animal, readonly string[]>>;
}

/** Most sets share the names of Unicode's short names. */
const usual = {
  butterfly: ['butterfly'],
  cat: ['cat', 'cat-face'],
  chicken: ['chicken', 'rooster', 'hatching-chick', 'baby-chick', 'front-facing-baby-chick'],
  cow: ['cow', 'cow-face'],
  dog: ['dog', 'dog-face', 'poodle'],
  elephant: ['elephant'],
  horse: ['horse', 'horse-face'],
  sheep: ['ewe', 'ram'],
  spider: ['spider'],
  squirrel: ['chipmunk'],
} as const satisfies Style['glyphs'];

/** Sets that follow newer versions of Unicode have a few more animals. */
const newer = {
  ...usual,
  cat: ['cat', 'cat-face', 'black-cat'],
  dog: ['dog', 'dog-face', 'poodle', 'guide-dog', 'service-dog'],
} as const satisfies Style['glyphs'];

/**
 * The emoji sets of the sample, each in an npm package that is a pinned dependency. Two are held out as a
 * whole: Firefox OS's, which has no butterfly and so is the least loss to training, chooses the model, and
 * Twemoji, which nothing in training or selection sees, tests it.
 */
export const styles: readonly Style[] = [
  {
    name: 'noto',
    split: 'train',
    title: 'Noto Emoji',
    author: 'Google Inc.',
    licence: 'Apache-2.0',
    address: 'https://github.com/googlefonts/noto-emoji',
    glyphs: { ...newer, butterfly: ['butterfly', 'monarch-butterfly'] },
  },
  {
    name: 'noto-v1',
    split: 'train',
    title: 'Noto Emoji (v1)',
    author: 'Google Inc.',
    licence: 'Apache-2.0',
    address: 'https://github.com/googlefonts/noto-emoji',
    glyphs: usual,
  },
  {
    name: 'fluent-emoji-flat',
    split: 'train',
    title: 'Fluent Emoji Flat',
    author: 'Microsoft Corporation',
    licence: 'MIT',
    address: 'https://github.com/microsoft/fluentui-emoji',
    glyphs: newer,
  },
  {
    name: 'fxemoji',
    split: 'validation',
    title: 'Firefox OS Emoji',
    author: 'Mozilla',
    licence: 'Apache-2.0',
    address: 'https://github.com/mozilla/fxemoji',
    glyphs: {
      // This set has none.
      butterfly: [],
      cat: ['cat', 'catside'],
      chicken: ['chicken', 'rooster', 'hatchingchick', 'babychick', 'frontfacingchick'],
      cow: ['cow', 'cowface'],
      dog: ['dog', 'dogside', 'poodle'],
      elephant: ['elephant'],
      horse: ['horse', 'horseface'],
      sheep: ['sheep', 'ram'],
      spider: ['spider'],
      squirrel: ['chipmunk'],
    },
  },
  {
    name: 'emojione',
    split: 'train',
    title: 'EmojiTwo, from Emoji One 2.3',
    author: 'Emoji One and the EmojiTwo contributors',
    licence: 'CC BY 4.0',
    address: 'https://github.com/EmojiTwo/emojitwo',
    glyphs: usual,
  },
  {
    name: 'twemoji',
    split: 'test',
    title: 'Twemoji',
    author: 'Twitter, Inc. and other contributors',
    licence: 'CC BY 4.0',
    address: 'https://github.com/jdecked/twemoji',
    glyphs: newer,
  },
];
