import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { findingKinds, validationSchema } from '../../../contracts/schemas/dataset';
import { renderCardPage } from '../../../lib/data/card/page';
import { cardContent, cardFinding, cardPicture, digest, hostileNames } from '../../support/card-content';

const voidElements = new Set(['br', 'img', 'input', 'link', 'meta']);

interface Tag {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Reads a page strictly: every tag closed in order, every attribute quoted, no bare `<` in its text. */
function readPage(page: string): { tags: Tag[]; text: string } {
  const [doctype, rest] = [page.slice(0, 15), page.slice(15)];
  expect(doctype).toBe('<!doctype html>');
  const token =
    /<(style|script)>[^]*?<\/\1>|<\/([a-z0-9]+)\s*>|<([a-z0-9]+)((?:\s+[a-zA-Z][a-zA-Z0-9-]*(?:="[^"<]*")?)*)\s*(\/?)>|([^<]+)|([^])/g;
  const tags: Tag[] = [];
  const open: string[] = [];
  let text = '';
  for (const [whole, raw, closed, opened, attributes = '', selfClosed, words, stray] of rest.matchAll(
    token,
  )) {
    if (stray !== undefined) throw new Error(`A stray ${whole} after …${text.slice(-80)}`);
    if (raw !== undefined) tags.push({ name: raw, attributes: {} });
    else if (words !== undefined) text += words;
    else if (closed !== undefined) {
      // As a reader sees it: cells and items do not run into each other.
      if (/^(td|th|li|dt|dd|h\d|p|div|summary|text)$/.test(closed)) text += ' ';
      if (open.pop() !== closed) throw new Error(`</${closed}> closes nothing, after …${text.slice(-80)}`);
    } else if (opened !== undefined) {
      const named = [...attributes.matchAll(/([a-zA-Z][a-zA-Z0-9-]*)(?:="([^"]*)")?/g)].map(
        ([, name, value]) => [name, value ?? ''],
      );
      tags.push({ name: opened, attributes: Object.fromEntries(named) });
      if (selfClosed !== '/' && !voidElements.has(opened)) open.push(opened);
    }
  }
  expect(open).toEqual([]);
  return { tags, text: text.replace(/\s+/g, ' ') };
}

/** What every page must be, whatever is on it. */
function requireSound(page: string): { tags: Tag[]; text: string } {
  const read = readPage(page);
  const { tags } = read;
  const attribute = (name: string) => tags.flatMap(({ attributes }) => attributes[name] ?? []);
  const ids = attribute('id');
  expect(new Set(ids).size).toBe(ids.length);
  for (const href of attribute('href')) {
    if (href !== 'data:,') expect(ids).toContain(href.replace(/^#/, ''));
  }
  for (const source of attribute('src')) expect(source).toMatch(/^data:image\/jpeg;base64,[A-Za-z0-9+/=]*$/);
  expect(tags.filter(({ name }) => ['script', 'style'].includes(name)).map(({ name }) => name)).toEqual([
    'style',
    'script',
  ]);
  expect(tags.map(({ name }) => name)).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/^(iframe|object|embed|base|form)$/)]),
  );
  for (const { name, attributes } of tags) {
    expect(Object.keys(attributes).filter((key) => /^on|^style$|^srcset$|^action$/i.test(key))).toEqual([]);
    if (name === 'img') expect(attributes['alt']).toBeTruthy();
  }
  expect(tags.filter(({ name }) => name === 'table').length).toBe(
    tags.filter(({ name }) => name === 'caption').length,
  );
  const headings = tags.flatMap(({ name }) => (/^h\d$/.test(name) ? [Number(name[1])] : []));
  expect(headings[0]).toBe(1);
  headings.forEach((level, index) => expect(level).toBeLessThanOrEqual((headings[index - 1] ?? 0) + 1));
  return read;
}

describe('the card of a dataset version', () => {
  it('says how many pictures, classes and bytes there are, as counted from the pictures', async () => {
    const content = cardContent({
      pictures: [
        ...Array.from({ length: 30 }, (_, n) => cardPicture('cat', n)),
        ...Array.from({ length: 90 }, (_, n) => cardPicture('dog', n)),
      ],
      findings: [
        cardFinding('damaged', 'cat/bad.jpg', { dropped: true }),
        cardFinding('tiny', 'cat/bad.jpg', { dropped: true }),
        cardFinding('tiny', 'cat/small.jpg', { dropped: true }),
        cardFinding('turned', 'cat/00001.jpg'),
      ],
    });
    const { text } = requireSound(await renderCardPage(content));
    const bytes = content.pictures.reduce((sum, picture) => sum + picture.bytes, 0);
    expect(text).toContain('Pictures 120 ');
    expect(text).toContain(`Size ${(bytes / 1e6).toFixed(1)} MB`);
    expect(text).toContain('Classes 2 largest: dog, 90');
    expect(text).toContain('Imbalance 3.0 : 1 smallest: cat, 30');
    // A file that was found twice is one file.
    expect(text).toContain('Left out 2 1.6 % of 122 files');
    const inTest = content.pictures.filter(({ split }) => split === 'test').length;
    expect(text).toContain(`test ${inTest} `);
    expect(text).toMatch(/dog 72 9 9 90 75\.0 %/);
    expect(text).toMatch(/cat 24 3 3 30 25\.0 %/);
    expect(text).toMatch(/tiny shorter side below min_side \(16\) leave out 2 2/);
    expect(text).toMatch(/turned turned upright, as EXIF says keep 1 0/);
  });

  it('says what changed since the version before, and that nothing did', async () => {
    const previous = { version: digest('before'), added: 1234, removed: 5, relabelled: 0 };
    const changed = requireSound(await renderCardPage(cardContent({ previous }))).text;
    expect(changed).toContain(
      `Since version ${previous.version.slice(0, 12)}: 1,234 added, 5 removed, 0 relabelled.`,
    );
    const same = await renderCardPage(cardContent({ previous: { ...previous, added: 0, removed: 0 } }));
    expect(requireSound(same).text).toContain('the same pictures under the same labels');
    expect(requireSound(await renderCardPage(cardContent())).text).toContain('There is no earlier version');
  });

  it('warns of leaks, conflicts, small classes and imbalance, each with what to do', async () => {
    const { text } = requireSound(
      await renderCardPage(
        cardContent({
          pictures: [
            ...Array.from({ length: 300 }, (_, n) => cardPicture('cat', n)),
            ...Array.from({ length: 12 }, (_, n) => cardPicture('dog', n)),
          ],
          findings: [
            cardFinding('leak', 'cat/00001.jpg', { other: 'cat/00009.jpg' }),
            cardFinding('conflict', 'cat/a.jpg', { label: 'cat', dropped: true, other: 'dog/a.jpg' }),
            cardFinding('conflict', 'dog/a.jpg', { label: 'dog', dropped: true, other: 'cat/a.jpg' }),
            cardFinding('near_conflict', 'cat/00002.jpg', { other: 'dog/00002.jpg' }),
          ],
        }),
      ),
    );
    expect(text).toContain('Pictures leak from one split into another 1 picture looks the same');
    expect(text).toContain('The same picture lies under two labels 2 files');
    expect(text).toContain('Pictures look the same, and are labelled differently');
    expect(text).toContain('A class has few pictures Fewer than 20: dog (12).');
    expect(text).toContain('dog has 1 in validation, dog has 1 in test');
    expect(text).toContain(
      'The classes differ much in size cat has 25 times the pictures of dog (300 and 12)',
    );
    expect(text.match(/What to do:/g)).toHaveLength(6);
  });

  it('says so where there is nothing to warn of and nothing was left out', async () => {
    const { text } = requireSound(await renderCardPage(cardContent()));
    expect(text).toContain('Nothing: no leaks between the splits');
    expect(text).toContain('Nothing was left out, and nothing odd was found in 120 pictures.');
    expect(text).toContain('No two pictures of this version look the same.');
    expect(text).not.toContain('What to do:');
  });

  it('lists every kind of finding with its rule, its reason and its files', async () => {
    const rules = validationSchema.parse({ turned: 'drop', conflict: 'fail' });
    const findings = findingKinds.map((kind) =>
      cardFinding(kind, `cat/${kind}.jpg`, { reason: `Because of ${kind}.` }),
    );
    const { text } = requireSound(await renderCardPage(cardContent({ findings, rules })));
    for (const kind of findingKinds) {
      expect(text).toContain(`cat/${kind}.jpg`);
      expect(text).toContain(`Because of ${kind}.`);
    }
    expect(text).toMatch(/turned upright, as EXIF says leave out 1 0/);
    expect(text).toMatch(/the same bytes under two labels stop 1 0/);
    expect(text).not.toContain('Looked for, and not found');
  });

  it('shows near-duplicate groups, those across classes first, then those across splits', async () => {
    const plain = [0, 1, 2, 3].map((n) => cardPicture('cat', n, { near: 1 }));
    const leaking = [10, 18].map((n) => cardPicture('cat', n, { near: 2 }));
    const across = [cardPicture('cat', 20, { near: 3 }), cardPicture('dog', 20, { near: 3 })];
    const alone = cardPicture('cat', 30, { near: 4 });
    const rest = Array.from({ length: 60 }, (_, n) => cardPicture(n % 2 ? 'cat' : 'dog', 100 + n));
    const page = await renderCardPage(
      cardContent({ pictures: [...plain, ...leaking, ...across, alone, ...rest] }),
    );
    const { text } = requireSound(page);
    expect(text).toContain('3 groups of pictures that look the same: 1 across classes, 1 across splits');
    const places = [
      '2 pictures of cat, dog across classes',
      '2 pictures of cat across splits',
      '4 pictures of cat',
    ].map((title) => text.indexOf(title));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });

  it('shows the pictures of a conflict that were left out, where their digests are known', async () => {
    const findings = [
      cardFinding('conflict', 'cat/a.jpg', { label: 'cat', dropped: true, other: 'dog/a.jpg' }),
    ];
    const asked: string[] = [];
    const content = cardContent({
      findings,
      leftOut: new Map([
        ['cat/a.jpg', digest('same')],
        ['dog/a.jpg', digest('same')],
      ]),
      thumbnail: async (sha256) => {
        asked.push(sha256);
        return Buffer.from('picture');
      },
    });
    const { tags } = requireSound(await renderCardPage(content));
    expect(asked).toContain(digest('same'));
    expect(tags.filter(({ attributes }) => attributes['alt'] === 'cat: cat/a.jpg')).toHaveLength(1);
  });

  it('stays whole where no thumbnail can be had', async () => {
    const { tags, text } = requireSound(
      await renderCardPage(cardContent({ thumbnail: async () => undefined })),
    );
    expect(tags.some(({ name }) => name === 'img')).toBe(false);
    expect(tags.filter(({ attributes }) => attributes['aria-label']?.endsWith('not shown'))).toHaveLength(16);
    expect(text).toContain('Pictures 120');
  });

  it('lets no name of a class or file become markup, wherever it stands', async () => {
    const pictures = hostileNames.flatMap((name, at) =>
      Array.from({ length: 20 }, (_, n) =>
        cardPicture(name, n, { path: `${name}/${n}`, near: (at * 20 + n) % 90, group: name }),
      ),
    );
    const findings = findingKinds.flatMap((kind) =>
      hostileNames.map((name, n) =>
        cardFinding(kind, `${name}/${n}`, {
          label: name,
          reason: `About ${name}`,
          other: `${hostileNames[(n + 1) % hostileNames.length]}/${n + 1}`,
        }),
      ),
    );
    const page = await renderCardPage(
      cardContent({
        name: `"><script>alert('name')</script>`,
        source: `https://example.org/"><script>alert('source')</script>`,
        licences: hostileNames.map((name) => `- [${name}](${name}) **${name}** \`${name}\``).join('\n'),
        previous: { version: '"><script>', added: 1, removed: 1, relabelled: 1 },
        pictures,
        findings,
        at: '"><script>',
      }),
    );
    // Sound: no tag, handler or address that isn't the page's own.
    const { text, tags } = requireSound(page);
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(text).toContain('&amp;lt;b&amp;gt; &amp; &amp;amp;');
    expect(tags.filter(({ name }) => name === 'b' || name === 'title')).toHaveLength(1);
    // A name that would be read backwards, and what nobody sees, is spelled out.
    expect(text).toContain('photo\\u202egpj.exe');
    expect(page.replaceAll('\n', '')).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
    // Names of another direction turn nothing that stands beside them.
    expect(page).toContain('<bdi>حيوانات أليفة</bdi>');
  });

  it('asks nobody for anything: no address outside the page, and a policy that allows only what is in it', async () => {
    const page = await renderCardPage(cardContent());
    expect(page).not.toMatch(/(?:src|href|action|url\()\s*=?\s*["'(]?\s*(?:https?:|\/\/)/i);
    const policy = /Content-Security-Policy"\s+content="([^"]*)"/.exec(page)?.[1];
    for (const element of ['style', 'script']) {
      const text = new RegExp(`<${element}>([^]*?)</${element}>`).exec(page)?.[1] ?? '';
      // The browser refuses what differs by a space.
      expect(policy).toContain(
        `${element}-src &#39;sha256-${createHash('sha256').update(text).digest('base64')}&#39;`,
      );
    }
    expect(policy).toMatch(/^default-src &#39;none&#39;; img-src data:;/);
  });

  it('is the same to the byte for the same version, in whatever order its pictures come', async () => {
    const content = cardContent({
      pictures: ['cat', 'dog', 'cow'].flatMap((label) =>
        Array.from({ length: 50 }, (_, n) => cardPicture(label, n, n < 20 ? { near: n % 10 } : {})),
      ),
    });
    const page = await renderCardPage(content);
    const slow = async (sha256: string, side: number) => {
      await new Promise((resolve) => setTimeout(resolve, parseInt(sha256.slice(0, 2), 16) / 50));
      return content.thumbnail(sha256, side);
    };
    expect(
      await renderCardPage({ ...content, pictures: [...content.pictures].reverse(), thumbnail: slow }),
    ).toBe(page);
    const other = await renderCardPage({ ...content, version: digest('another') });
    const shown = (html: string) => [...html.matchAll(/src="([^"]*)"/g)].map(([, source]) => source);
    expect(shown(other)).not.toEqual(shown(page));
  });

  it('makes two hundred thumbnails at most, few at a time', async () => {
    const pictures = Array.from({ length: 40 }, (_, label) => label).flatMap((label) =>
      Array.from({ length: 40 }, (_, n) =>
        cardPicture(`class-${label}`, n, { near: n % 4 === 0 ? label * 10 + (n % 8) : undefined }),
      ),
    );
    const findings = pictures
      .slice(0, 900)
      .map(({ path }, n) =>
        cardFinding(n % 2 ? 'leak' : 'near_conflict', path, { other: pictures[1599 - n]?.path }),
      );
    let [made, under, most] = [0, 0, 0];
    const page = await renderCardPage(
      cardContent({
        pictures,
        findings,
        thumbnail: async (_, side) => {
          made += 1;
          under += 1;
          most = Math.max(most, under);
          expect(side).toBeLessThanOrEqual(200);
          await new Promise((resolve) => setImmediate(resolve));
          under -= 1;
          return Buffer.from('picture');
        },
      }),
    );
    requireSound(page);
    expect(made).toBeGreaterThan(100);
    expect(made).toBeLessThanOrEqual(200);
    expect(most).toBeLessThanOrEqual(8);
  });

  it('stays below 3 MB with 100,000 pictures in 5,000 classes, 100,000 findings and heavy thumbnails', async () => {
    const pictures = Array.from({ length: 100_000 }, (_, n) =>
      cardPicture(`${'"'.repeat(200)}${n % 5000}`, n, n % 3 === 0 ? { near: Math.floor(n / 9) } : {}),
    );
    const findings = Array.from({ length: 100_000 }, (_, n) =>
      cardFinding(findingKinds[n % findingKinds.length] ?? 'tiny', `${'<'.repeat(300)}${n}`, {
        label: '&'.repeat(300),
        reason: "'".repeat(1000),
        other: '\u202e'.repeat(500),
        dropped: n % 2 === 0,
      }),
    );
    const page = await renderCardPage(
      cardContent({
        pictures,
        findings,
        licences: '<'.repeat(1e6),
        thumbnail: async () => Buffer.alloc(40_000),
      }),
    );
    expect(Buffer.byteLength(page)).toBeLessThan(3_000_000);
    const { text } = requireSound(page);
    const ofKind = findings.filter(({ kind }) => kind === 'tiny').length;
    expect(text).toContain(`tiny ${ofKind.toLocaleString('en')} findings`);
    expect(text).toMatch(/And [\d,]+ more, all in findings\.jsonl/);
    expect(text).toContain(' smaller classes');
    expect(text).toContain(' more classes, with 20 pictures or fewer');
  });

  it('marks the size that is trained at, and says how many pictures are smaller', async () => {
    const { text } = requireSound(await renderCardPage(cardContent({ trainingSize: 250 })));
    const small = cardContent().pictures.filter(
      ({ facts }) => Math.min(facts.width, facts.height) < 250,
    ).length;
    expect(text).toContain('trained at 250');
    expect(text).toContain(`${small} (${((100 * small) / 120).toFixed(1)} %) are smaller than`);
  });

  it('draws no map of one point where all pictures are of one size', async () => {
    const pictures = cardContent().pictures.map((picture) => ({
      ...picture,
      facts: { ...picture.facts, width: 48, height: 48 },
    }));
    const { text, tags } = requireSound(await renderCardPage(cardContent({ pictures })));
    expect(text).toContain('Every picture is 48 × 48 pixels large.');
    expect(tags.some(({ attributes }) => attributes['class'] === 'chart')).toBe(false);
  });
});
