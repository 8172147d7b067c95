import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { Failure } from '../../../contracts/failures';
import { splitNames } from '../../../contracts/schemas/documents';
import { openSource } from '../../../lib/data/sources/open-source';
import { sourceOptionsFor } from '../../support/source-options';
import { animals, styles } from '../../../lib/data/sources/sample/styles';
import { sha256 } from '../../../lib/storage/refs';

const open = (uri: string) => openSource({ uri }, sourceOptionsFor('/'));

async function draw(uri: string) {
  const drawn: { path: string; label: string | undefined; split: string | undefined; bytes: Buffer }[] = [];
  for await (const { path, label, split, bytes } of (await open(uri)).pictures()) {
    drawn.push({ path, label, split, bytes: await bytes() });
  }
  return drawn;
}

const digests = (drawn: Awaited<ReturnType<typeof draw>>) =>
  drawn.map(({ path, bytes }) => `${path} ${sha256(bytes)}`);

async function refusal(uri: string): Promise<string> {
  const error = await open(uri).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ type: 'source-invalid' });
  return error instanceof Failure ? error.message : '';
}

describe('sample://animals', () => {
  it('gives the same bytes each time, and others for another seed', async () => {
    const uri = 'sample://animals?variations=2&size=32';
    const first = digests(await draw(uri));
    expect(digests(await draw(uri))).toEqual(first);
    const other = digests(await draw(`${uri}&seed=2`));
    expect(other.filter((digest) => first.includes(digest))).toEqual([]);
  });

  it('draws more variations without changing those that it drew before', async () => {
    const few = digests(await draw('sample://animals?variations=1&size=32'));
    const more = digests(await draw('sample://animals?variations=2&size=32'));
    expect(more).toEqual(expect.arrayContaining(few));
  });

  it('has every animal in every split as often as it should, and each style in one split', async () => {
    const drawn = await draw('sample://animals?variations=1&size=32');
    // The one style of the validation split has no butterfly.
    const hands = { train: 4, validation: 1, test: 1 };
    for (const split of splitNames) {
      for (const animal of animals) {
        const found = drawn.filter((picture) => picture.label === animal && picture.split === split);
        expect(found).toHaveLength(hands[split] - Number(animal === 'butterfly' && split === 'validation'));
      }
    }
    for (const { name } of styles) {
      const splits = drawn.filter(({ path }) => path.startsWith(`${name}/`)).map(({ split }) => split);
      expect(new Set(splits).size).toBe(1);
    }
    expect(new Set(drawn.map(({ bytes }) => sha256(bytes))).size).toBe(drawn.length);
  });

  it('draws every glyph of its table, none of them blank', async () => {
    const drawn = await draw('sample://animals?variations=5&size=48');
    const names = new Set(drawn.map(({ path }) => path.replace(/-\d+\.jpg$/, '')));
    for (const style of styles) {
      for (const animal of animals) {
        for (const glyph of style.glyphs[animal]) expect(names).toContain(`${style.name}/${animal}/${glyph}`);
      }
    }
    for (const { bytes } of drawn) {
      const { width, height, format } = await sharp(bytes).metadata();
      expect({ width, height, format }).toEqual({ width: 48, height: 48, format: 'jpeg' });
      const { channels } = await sharp(bytes).stats();
      expect(Math.max(...channels.map(({ stdev }) => stdev))).toBeGreaterThan(8);
    }
  });

  it('has a fingerprint that tells its settings apart, however they are written', async () => {
    const print = async (uri: string) => (await open(uri)).fingerprint();
    expect(await print('sample://animals')).toBe(await print('sample://animals?seed=1&variations=50'));
    expect(await print('sample://animals')).not.toBe(await print('sample://animals?size=48'));
  });

  it('names whose drawings they are', async () => {
    const { licences } = await open('sample://animals');
    for (const { title, author, licence, address } of styles) {
      for (const part of [title, author, licence, address]) expect(licences).toContain(part);
    }
  });

  it('refuses a name, setting or number that it does not know', async () => {
    expect(await refusal('sample://animal')).toContain('expected sample://animals');
    expect(await refusal('sample://animals?variation=3')).toContain('did you mean "variations"?');
    expect(await refusal('sample://animals?size=9000')).toContain('16 to 512');
    expect(await refusal('sample://animals?seed=-1')).toContain('seed must be a whole number');
  });
});
