import sharp from 'sharp';
import { Failure } from '../../../../contracts/failures';
import { didYouMean } from '../../../../contracts/schemas/nearest';
import { createRandom } from '../../../random';
import { digestOf } from '../../../storage/refs';
import type { Source, SourcePicture } from '../source';
import { type Glyph, readGlyphs, styleVersion } from './artwork';
import { composeScene } from './scene';
import { animals, styles } from './styles';

/** A change of this number says that the pictures are drawn in another way than before. */
const revision = 1;

/** `sample://animals?variations=50&size=96&seed=1`, and the least and most of each. */
const settings = {
  /** Pictures of each animal in each style. */
  variations: { fallback: 50, least: 1, most: 1000 },
  /** Width and height in pixels. */
  size: { fallback: 96, least: 16, most: 512 },
  seed: { fallback: 1, least: 0, most: 2_147_483_647 },
} as const;

type Setting = keyof typeof settings;

function isSetting(name: string): name is Setting {
  return name in settings;
}

/** @throws Failure `source-invalid` where the name or a setting is not known, or a number out of range. */
function parseUri(uri: string): Record<Setting, number> {
  const [name = '', query] = uri.slice('sample://'.length).split('?', 2);
  if (name.replace(/\/$/, '') !== 'animals') {
    throw new Failure('source-invalid', 'There is no such sample set; expected sample://animals');
  }
  const given = { variations: 50, size: 96, seed: 1 };
  for (const [key, value] of new URLSearchParams(query)) {
    if (!isSetting(key)) {
      throw new Failure(
        'source-invalid',
        `sample://animals has no such setting${didYouMean(key, Object.keys(settings))}`,
      );
    }
    const { least, most } = settings[key];
    const number = /^\d+$/.test(value) ? Number(value) : NaN;
    if (!(number >= least && number <= most)) {
      throw new Failure(
        'source-invalid',
        `sample://animals: ${key} must be a whole number of ${least} to ${most}.`,
      );
    }
    given[key] = number;
  }
  return given;
}

/** Good enough that nothing is seen of it, with all of the colour, and a third of a PNG's bytes. */
const jpeg = { quality: 92, chromaSubsampling: '4:4:4' } as const;

async function draw(glyph: Glyph, size: number, seed: string): Promise<Buffer> {
  // Every scene has a background, so its alpha says nothing.
  const scene = composeScene(glyph, size, createRandom(seed));
  const picture = sharp(Buffer.from(scene.svg)).removeAlpha();
  return (scene.blur === undefined ? picture : picture.blur(scene.blur)).jpeg(jpeg).toBuffer();
}

const licences = [
  'Drawn by Drover from these emoji sets; each picture is changed in place, size, turn, colour, background and sharpness.',
  '',
  ...styles.map(
    ({ title, author, licence, address, split }) =>
      `- [${title}](${address}) by ${author}, ${licence} (${split})`,
  ),
].join('\n');

/**
 * The sample set: ten animals in six hands' drawings, rendered as the pictures are read. Nothing is
 * downloaded. The same URI gives the same bytes under one version of sharp on one platform.
 *
 * @throws Failure `source-invalid`
 */
export function openSample(uri: string): Source {
  const { variations, size, seed } = parseUri(uri);
  return {
    uri,
    labelled: 'given',
    licences,

    async fingerprint() {
      const versions = await Promise.all(styles.map(styleVersion));
      const { sharp: renderer, vips, rsvg } = sharp.versions;
      return digestOf({ revision, variations, size, seed, versions, renderer, vips, rsvg: rsvg ?? '' });
    },

    async *pictures(): AsyncIterable<SourcePicture> {
      for (const style of styles) {
        const drawings = await readGlyphs(style);
        for (const animal of animals) {
          const names = style.glyphs[animal];
          if (names.length === 0) continue;
          for (let variation = 0; variation < variations; variation += 1) {
            const name = names[variation % names.length] ?? '';
            const glyph = drawings.get(name);
            if (glyph === undefined) throw new Error(`${style.name} has no ${name}`);
            const path = `${style.name}/${animal}/${name}-${String(variation).padStart(4, '0')}.jpg`;
            yield {
              path,
              label: animal,
              split: style.split,
              bytes: () => draw(glyph, size, `${seed}/${path}`),
            };
          }
        }
      }
    },
  };
}
