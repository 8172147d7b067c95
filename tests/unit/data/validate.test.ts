import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Failure } from '../../../contracts/failures';
import {
  findingKinds,
  validationSchema,
  type PictureFacts,
  type Validation,
} from '../../../contracts/schemas/dataset';
import { validatePictures, type LabelledFile } from '../../../lib/data/validate';
import { createRandom } from '../../../lib/random';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Digests serve as hashes, too: any two are some 128 bits apart. */
const facts = (content: string, changes: Partial<PictureFacts> = {}): PictureFacts => ({
  ...({ format: 'png', width: 64, height: 48, frames: 1, depth: 8, space: 'rgb' } as const),
  ...{ alpha: false, orientation: 1, hash: digest(content), quality: 100, brightness: 120, contrast: 40 },
  ...changes,
});

/** A picture in the folder of its class, by its content. */
function picture(path: string, content = path, changes: Partial<PictureFacts> = {}): LabelledFile {
  const label = path.split('/')[0] ?? '';
  return { path, label, bytes: 1000, sha256: digest(content), facts: facts(content, changes) };
}

/** Another file that looks as the given content does. */
function lookalike(path: string, content: string, bits = 4): LabelledFile {
  const hash = digest(content);
  const turned = (Number.parseInt(hash.slice(0, 8), 16) ^ (2 ** bits - 1)) >>> 0;
  return picture(path, path, { hash: turned.toString(16).padStart(8, '0') + hash.slice(8) });
}

const broken = (path: string, kind: NonNullable<LabelledFile['problem']>['kind']): LabelledFile => ({
  ...{ path, label: path.split('/')[0]!, bytes: 10, problem: { kind, reason: `It is ${kind}.` } },
});

const rules = (changes: Partial<Validation> = {}): Validation =>
  validationSchema.parse({ min_per_class: 1, ...changes });

const told = (files: readonly LabelledFile[], changes: Partial<Validation> = {}): string[] =>
  validatePictures(files, rules(changes)).findings.map(
    ({ kind, path, other, dropped }) =>
      `${path} ${kind}${other === undefined ? '' : ` ${other}`}${dropped ? ' dropped' : ''}`,
  );

const keptOf = (files: readonly LabelledFile[], changes: Partial<Validation> = {}): string[] =>
  validatePictures(files, rules(changes)).kept.map(({ path }) => path);

function failure(files: readonly LabelledFile[], changes: Partial<Validation>): Failure {
  try {
    validatePictures(files, rules(changes));
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('It did not fail.');
}

const good = Array.from({ length: 10 }, (_, at) => picture(`cat/${at}.png`));

describe('validatePictures', () => {
  it('keeps what is well, sorted by path, with all that is known of it', () => {
    const files: LabelledFile[] = [
      { ...picture('dog/b.png'), split: 'test', group: 'rex' },
      picture('cat/a.png'),
    ];
    const { kept, findings, groups } = validatePictures(files, rules());
    expect(findings).toEqual([]);
    expect(groups).toEqual([]);
    expect(kept).toEqual([
      {
        ...{ path: 'cat/a.png', label: 'cat', sha256: digest('cat/a.png'), bytes: 1000 },
        facts: facts('cat/a.png'),
      },
      {
        ...{ path: 'dog/b.png', label: 'dog', sha256: digest('dog/b.png'), bytes: 1000 },
        ...{ split: 'test', group: 'rex', facts: facts('dog/b.png') },
      },
    ]);
  });

  it('leaves out what is no picture that can be taken, each for its own reason', () => {
    const stray: LabelledFile = { ...picture('stray.png'), label: undefined };
    const readme: LabelledFile = { ...broken('README.md', 'not_a_picture'), label: undefined };
    const files = [
      ...good,
      broken('cat/cut.png', 'damaged'),
      {
        ...picture('cat/bomb.png'),
        problem: { kind: 'too_large', reason: 'It has 2500 megapixels.' } as const,
      },
      broken('cat/link', 'refused'),
      stray,
      readme,
    ];
    expect(told(files)).toEqual([
      'README.md not_a_picture dropped',
      'cat/bomb.png too_large dropped',
      'cat/cut.png damaged dropped',
      'cat/link refused dropped',
      'stray.png unlabelled dropped',
    ]);
    const { findings, kept } = validatePictures(files, rules());
    expect(kept).toHaveLength(good.length);
    expect(findings.find(({ path }) => path === 'cat/bomb.png')?.reason).toBe('It has 2500 megapixels.');
    expect(findings.find(({ path }) => path === 'stray.png')?.reason).toContain('no class folder');
  });

  it.each<[keyof Validation, Partial<PictureFacts>, Partial<PictureFacts>]>([
    ['animated', { frames: 2 }, { frames: 1 }],
    ['tiny', { width: 15, height: 500 }, { width: 16, height: 500 }],
    ['huge', { width: 10_001, height: 5000 }, { width: 10_000, height: 5000 }],
    ['cmyk', { space: 'cmyk' }, { space: 'grey' }],
    ['deep', { depth: 16 }, { depth: 8 }],
    ['turned', { orientation: 6 }, { orientation: 1 }],
    ['wrong_extension', { format: 'jpeg' }, { format: 'png' }],
  ])('finds %s, and not what is just within its line', (kind, odd, even) => {
    const files = [...good, picture('cat/even.png', 'even', even), picture('cat/odd.png', 'odd', odd)];
    expect(told(files, { [kind]: 'keep' })).toEqual([`cat/odd.png ${kind}`]);
    expect(keptOf(files, { [kind]: 'keep' })).toHaveLength(12);
    expect(told(files, { [kind]: 'drop' })).toEqual([`cat/odd.png ${kind} dropped`]);
    expect(keptOf(files, { [kind]: 'drop' })).toHaveLength(11);
    expect(failure(files, { [kind]: 'fail' }).message).toContain(`1 ${kind}, such as cat/odd.png: `);
  });

  it('takes every spelling of an extension, and a name without one', () => {
    const jpegs = ['a.jpg', 'b.JPEG', 'c.jpe', 'd.jfif', 'e', 'photo.2020', 'v1.0', '.hidden'];
    expect(told(jpegs.map((name) => picture(`cat/${name}`, name, { format: 'jpeg' })))).toEqual([]);
    const tiffs = ['a.tif', 'b.tiff'].map((name) => picture(`cat/${name}`, name, { format: 'tiff' }));
    expect(told(tiffs)).toEqual([]);
    const wrong = ['a.png', 'b.heic', 'c.jpg.webp'].map((name) =>
      picture(`cat/${name}`, name, { format: 'jpeg' }),
    );
    expect(told(wrong)).toHaveLength(3);
  });

  it('keeps the first by path of equal files of one label', () => {
    const files = ['cat/b.png', 'cat/a.png', 'cat/B.png'].map((path) => picture(path, 'same'));
    expect(told(files)).toEqual([
      'cat/a.png duplicate cat/B.png dropped',
      'cat/b.png duplicate cat/B.png dropped',
    ]);
    expect(keptOf(files)).toEqual(['cat/B.png']);
    expect(keptOf(files, { duplicate: 'keep' })).toHaveLength(3);
  });

  it('drops all of equal files under two labels, and names the other', () => {
    const files = [picture('cat/a.png', 'same'), picture('dog/a.png', 'same'), picture('dog/b.png', 'same')];
    expect(told([...files, ...good])).toEqual([
      'cat/a.png conflict dog/a.png dropped',
      'dog/a.png conflict cat/a.png dropped',
      'dog/b.png duplicate dog/a.png dropped',
    ]);
    expect(told([...files, ...good], { duplicate: 'keep', conflict: 'keep' })).toEqual([
      'cat/a.png conflict dog/a.png',
      'dog/a.png conflict cat/a.png',
      'dog/b.png conflict cat/a.png',
      'dog/b.png duplicate dog/a.png',
    ]);
  });

  it('groups what looks the same, and tells of it', () => {
    const files = [
      ...good,
      lookalike('cat/near.png', 'cat/3.png'),
      lookalike('dog/near.png', 'cat/3.png', 8),
      picture('dog/other.png'),
    ];
    const { kept, groups } = validatePictures(files, rules());
    const names = groups.map((group) => group.map((index) => kept[index]?.path));
    expect(names).toEqual([['cat/3.png', 'cat/near.png', 'dog/near.png']]);
    expect(kept.flatMap(({ near, path }) => (near === undefined ? [] : [`${path} ${near}`]))).toEqual([
      'cat/3.png 0',
      'cat/near.png 0',
      'dog/near.png 0',
    ]);
    expect(told(files)).toEqual([
      'cat/3.png near_conflict dog/near.png',
      'cat/near.png near_conflict dog/near.png',
      'cat/near.png near_duplicate cat/3.png',
      'dog/near.png near_conflict cat/3.png',
    ]);
    expect(keptOf(files, { near_duplicate: 'drop' })).not.toContain('cat/near.png');
    const left = validatePictures(files, rules({ near_conflict: 'drop' }));
    expect(left.kept.map(({ path }) => path)).toEqual(
      [...good.map(({ path }) => path), 'dog/other.png'].filter((path) => path !== 'cat/3.png'),
    );
    expect(left.groups).toEqual([]);
    expect(left.kept.every(({ near }) => near === undefined)).toBe(true);
  });

  it('loses no picture that is near to dropped ones only', () => {
    const chain = [
      picture('cat/x1.png', 'start'),
      lookalike('cat/x2.png', 'start', 24),
      // 8 bits from the second, and 32 from the first.
      picture('cat/x3.png', 'end', {
        hash: digest('start').replace(/./g, (digit, at: number) =>
          (at > 1 && at < 8) || at === 41 || at === 42
            ? (15 - Number.parseInt(digit, 16)).toString(16)
            : digit,
        ),
      }),
    ];
    expect(told(chain)).toEqual([
      'cat/x2.png near_duplicate cat/x1.png',
      'cat/x3.png near_duplicate cat/x2.png',
    ]);
    expect(validatePictures(chain, rules()).groups).toEqual([[0, 1, 2]]);
    expect(keptOf(chain, { near_duplicate: 'drop' })).toEqual(['cat/x1.png', 'cat/x3.png']);
    expect(validatePictures(chain, rules({ near_duplicate: 'drop' })).groups).toEqual([]);
  });

  it('finds nothing alike in flat pictures, whatever their hashes', () => {
    const flat = ['cat/a.png', 'cat/b.png'].map((path) =>
      picture(path, path, { hash: digest('flat'), quality: 49 }),
    );
    expect(told(flat)).toEqual([]);
    const telling = ['cat/a.png', 'cat/b.png'].map((path) =>
      picture(path, path, { hash: digest('flat'), quality: 50 }),
    );
    expect(told(telling)).toEqual(['cat/b.png near_duplicate cat/a.png']);
  });

  it('tells of equal bytes once, as duplicates and not as near ones', () => {
    const files = ['cat/a.png', 'cat/b.png'].map((path) => picture(path, 'same'));
    expect(told(files, { duplicate: 'keep' })).toEqual(['cat/b.png duplicate cat/a.png']);
    expect(validatePictures(files, rules({ duplicate: 'keep' })).groups).toEqual([[0, 1]]);
  });

  it('tells of a small class once, or leaves out all of it, file by file', () => {
    const files = [...good, picture('dog/1.png'), picture('dog/2.png')];
    expect(told(files, { min_per_class: 3 })).toEqual(['dog small_class']);
    expect(told(files, { min_per_class: 2 })).toEqual([]);
    const dropping = { min_per_class: 3, small_class: 'drop' } as const;
    expect(told(files, dropping)).toEqual(['dog/1.png small_class dropped', 'dog/2.png small_class dropped']);
    expect(keptOf(files, dropping)).toHaveLength(10);
  });

  it('tells of classes that differ much in size, by what is left of them', () => {
    const files = [...good, picture('dog/1.png'), picture('dog/2.png', 'dog/1.png')];
    expect(told(files, { max_imbalance: 10 })).toEqual(['dog/2.png duplicate dog/1.png dropped']);
    expect(told(files, { max_imbalance: 9.9 })).toContain('dog imbalance');
    expect(told(files, { max_imbalance: 9.9, small_class: 'drop', min_per_class: 2 })).not.toContain(
      'dog imbalance',
    );
    expect(failure(files, { max_imbalance: 9, imbalance: 'fail' }).message).toMatch(
      /1 imbalance, such as dog: .*1 pictures and "cat" has 10.*set validate\.imbalance to keep\./,
    );
  });

  it('lets what is dropped take no part in what comes later', () => {
    const tiny = { width: 4, height: 4 };
    const files = [...good, picture('cat/a.png', 'same', tiny), picture('dog/a.png', 'same', tiny)];
    expect(told(files)).toEqual(['cat/a.png tiny dropped', 'dog/a.png tiny dropped']);
    expect(told(files, { tiny: 'keep' })).toEqual([
      'cat/a.png conflict dog/a.png dropped',
      'cat/a.png tiny',
      'dog/a.png conflict cat/a.png dropped',
      'dog/a.png tiny',
    ]);
  });

  it('names all that fails at once: counts, some examples of each kind, and the keys to change', () => {
    const files = [
      ...good,
      ...Array.from({ length: 7 }, (_, at) => broken(`cat/cut-${at}.png`, 'damaged')),
      picture('cat/small.png', 'small', { width: 3 }),
      picture('dog/0.png', 'cat/0.png'),
    ];
    const { type, message } = failure(files, { damaged: 'fail', tiny: 'fail', conflict: 'fail' });
    expect(type).toBe('dataset-invalid');
    expect(message).toContain('7 damaged, 1 tiny, 2 conflict');
    expect(message.match(/\.png: /g)).toHaveLength(5);
    for (const example of ['cat/cut-0.png: It is damaged', 'cat/small.png: ', 'cat/0.png: ']) {
      expect(message).toContain(example);
    }
    expect(message).toContain('validate.damaged to drop, and validate.tiny to keep or drop, and');
    expect(message).toContain('validate.conflict to keep or drop.');
  });

  it('stops where more than max_dropped of what was to be pictures is left out', () => {
    const half = [...good, ...Array.from({ length: 10 }, (_, at) => broken(`cat/x${at}.png`, 'damaged'))];
    expect(keptOf(half)).toHaveLength(10);
    const most = [...half, broken('cat/text.JPG', 'not_a_picture')];
    const { type, message } = failure(most, {});
    expect(type).toBe('dataset-invalid');
    expect(message).toMatch(/^11 files were left out, such as cat\/text\.JPG: It is not_a_picture; /);
    expect(message).toContain('52 % of the 21');
    expect(message).toContain('raise validate.max_dropped');
    expect(keptOf(most, { max_dropped: 0.6 })).toHaveLength(10);
  });

  it('does not count notes beside the pictures, but counts pictures in no class folder', () => {
    const notes = Array.from({ length: 50 }, (_, at) => broken(`cat/notes-${at}.md`, 'not_a_picture'));
    expect(keptOf([...good, ...notes])).toHaveLength(10);
    const strays = Array.from({ length: 11 }, (_, at) => ({ ...picture(`${at}`), label: undefined }));
    expect(failure([...good, ...strays], {}).message).toContain('11 files were left out');
  });

  it('gives the same whatever the order of the files', () => {
    const random = createRandom('orders');
    const files = [
      ...good,
      ...['cat/z.png', 'cat/y.png', 'dog/z.png'].map((path) => picture(path, 'same')),
      ...['cat/n1.png', 'dog/n2.png', 'cat/n3.png'].map((path, at) => lookalike(path, 'cat/5.png', at + 1)),
      broken('cat/cut.png', 'damaged'),
      picture('dog/only.png', 'only', { frames: 3, orientation: 3, depth: 16 }),
    ];
    const expected = validatePictures(files, rules({ min_per_class: 5 }));
    expect(expected.findings.length).toBeGreaterThan(10);
    for (let time = 0; time < 20; time += 1) {
      expect(validatePictures(random.shuffle(files), rules({ min_per_class: 5 }))).toEqual(expected);
    }
  });

  it('takes nothing at all, and refuses a file that was never examined', () => {
    expect(validatePictures([], rules())).toEqual({ kept: [], findings: [], groups: [] });
    const unknown = { ...picture('cat/a.png'), facts: undefined };
    expect(() => validatePictures([unknown], rules())).toThrow('cat/a.png');
    expect(findingKinds.every((kind) => kind in rules())).toBe(true);
  });
});
