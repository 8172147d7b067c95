import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readHistory, recordVersion } from '../../../lib/data/history';
import { readManifest, writeManifest } from '../../../lib/data/manifest';
import { readFindings } from '../../../lib/data/versions';
import { addReviewedLabels } from '../../../lib/feedback/add-reviewed-labels';
import { applyFeedback } from '../../../lib/feedback/apply';
import { readDecisions } from '../../../lib/feedback/log';
import { decide, findItem, readReview, type DecisionWish } from '../../../lib/feedback/review';
import { prunePredictions } from '../../../lib/predictions/retention';
import { createFolderStore } from '../../../lib/storage/folder-store';
import type { Store } from '../../../lib/storage/store';
import { blocks, ingestPets, keepAnswers } from '../../support/reviewed-store';

let folder = '';
let store: Store;

let ingested = '';

beforeAll(async () => {
  ingested = await mkdtemp(join(tmpdir(), 'drover-pets-'));
  await ingestPets(createFolderStore(ingested));
});
afterAll(() => rm(ingested, { recursive: true, force: true }));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-feedback-'));
  await cp(ingested, join(folder, 'store'), { recursive: true });
  store = createFolderStore(join(folder, 'store'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function decided(prediction: string, wish: Omit<DecisionWish, 'by'> & { by?: string }) {
  const item = findItem(await readReview(store, 'pets'), prediction);
  return decide(store, 'pets', [item], { by: 'ada', ...wish });
}

async function newest() {
  const entry = (await readHistory(store, 'pets')).at(-1);
  if (entry === undefined) throw new Error('There is no version.');
  return { entry, rows: await readManifest(store, entry.manifest) };
}

/** The store of one who has written a manifest when something else is done, once, before the version is noted. */
function overtakenBy(work: () => Promise<unknown>) {
  let came = false;
  const write: Store['write'] = async (key, bytes) => {
    await store.write(key, bytes);
    if (came || !key.endsWith('/manifest.jsonl')) return;
    came = true;
    await work();
  };
  return { store: { ...store, write } satisfies Store, came: () => came };
}

const dog = { label: 'dog' };

describe('applying reviewed feedback', () => {
  it('makes a version whose new rows are to train with alone, and say whence they are', async () => {
    const before = await newest();
    const [accepted = '', corrected = '', refused = '', open = ''] = await keepAnswers(store, folder, [
      { picture: await blocks(101), said: [dog] },
      { picture: await blocks(102), said: [dog] },
      { picture: await blocks(103), said: [dog] },
      { picture: await blocks(104), said: [dog] },
    ]);
    await decided(accepted, { action: 'accept' });
    await decided(corrected, { action: 'correct', label: 'cat', by: 'ben' });
    await decided(refused, { action: 'refuse' });
    const done = await applyFeedback(store, { name: 'pets' });
    expect(done).toMatchObject({ before: before.entry.version, already: 0, waiting: 1, refused: [] });
    const { entry, rows } = await newest();
    expect(entry.version).toBe(done.version);
    const added = rows.filter(({ origin }) => origin !== undefined);
    expect(added.map(({ split }) => split)).toEqual(['train', 'train']);
    expect(new Map(added.map(({ origin, label }) => [origin?.prediction, label]))).toEqual(
      new Map([
        [accepted, 'dog'],
        [corrected, 'cat'],
      ]),
    );
    expect(added.find(({ label }) => label === 'cat')?.origin).toMatchObject({
      ...{ model: { name: 'pets', version: 3 }, predicted: 'cat', reviewer: 'ben' },
      at: expect.any(String),
    });
    expect(rows.filter(({ origin }) => origin === undefined)).toEqual(before.rows);
    expect(await store.exists(`datasets/pets/${entry.version}/card.html`)).toBe(true);
    expect(open).not.toBe('');
  });

  it('takes each picture once: applied again, or sent again, it adds nothing', async () => {
    const picture = await blocks(101);
    const [one = ''] = await keepAnswers(store, folder, [
      { picture, said: [dog] },
      { picture, said: [dog] },
    ]);
    expect((await readReview(store, 'pets')).items).toHaveLength(1);
    await decided(one, { action: 'accept' });
    const first = await applyFeedback(store, { name: 'pets' });
    expect(first.added).toHaveLength(1);
    const again = await applyFeedback(store, { name: 'pets' });
    expect(again).toMatchObject({ added: [], already: 1, version: first.version, before: first.version });
    expect(await readHistory(store, 'pets')).toHaveLength(2);
  });

  it('says what it would do without doing it', async () => {
    const [one = ''] = await keepAnswers(store, folder, [{ picture: await blocks(101), said: [dog] }]);
    await decided(one, { action: 'accept' });
    const would = await applyFeedback(store, { name: 'pets', dryRun: true });
    expect(would.added).toHaveLength(1);
    expect(await readHistory(store, 'pets')).toHaveLength(1);
    expect((await applyFeedback(store, { name: 'pets' })).version).toBe(would.version);
  });

  it('refuses, by name, what looks the same as a picture by which models are measured', async () => {
    const { rows } = await newest();
    const measure = rows.find(({ split }) => split === 'test')?.path;
    const seed = Number(/(\d+)\.png$/.exec(measure ?? '')?.[1]);
    // Other bytes of it, as whoever saves it anew has them.
    const copy = await blocks(seed, 'jpeg');
    const [one = ''] = await keepAnswers(store, folder, [{ picture: copy, said: [dog] }]);
    await decided(one, { action: 'accept' });
    const done = await applyFeedback(store, { name: 'pets' });
    expect(done.added).toEqual([]);
    expect(done.refused[0]?.reason).toContain(`the same as ${measure} in test`);
    expect(await readHistory(store, 'pets')).toHaveLength(1);
  });

  it('refuses what is there already, what is of no class, and what is no picture', async () => {
    const ids = await keepAnswers(store, folder, [
      { picture: await blocks(1), said: [dog] },
      { picture: await blocks(105), said: [{ label: 'zebra' }] },
      { picture: Buffer.from('not a picture'), said: [dog] },
    ]);
    for (const id of ids) await decided(id, { action: 'accept' });
    const { added, refused } = await applyFeedback(store, { name: 'pets' });
    expect(added).toEqual([]);
    const reasons = refused.map(({ reason }) => reason).sort();
    expect(reasons).toHaveLength(3);
    expect(reasons.join(' ')).toMatch(/already, as cat\/1\.png in train, labelled cat/);
    expect(reasons.join(' ')).toMatch(/no class zebra/);
  });

  it('takes out what is of no class by now, and says so', async () => {
    const before = await newest();
    const [one = ''] = await keepAnswers(store, folder, [{ picture: await blocks(101), said: [dog] }]);
    await decided(one, { action: 'accept' });
    await applyFeedback(store, { name: 'pets' });
    await decided(one, { action: 'undo' });
    await decided(one, { action: 'correct', label: 'zebra' });
    const done = await applyFeedback(store, { name: 'pets' });
    expect(done).toMatchObject({ relabelled: [], refused: [{ label: 'zebra' }] });
    expect(done.withdrawn).toHaveLength(1);
    expect((await newest()).entry.version).toBe(before.entry.version);
    expect((await applyFeedback(store, { name: 'pets' })).refused).toHaveLength(1);
  });

  it('goes back where a decision is undone, also when its prediction is gone', async () => {
    const before = await newest();
    const [one = ''] = await keepAnswers(store, folder, [{ picture: await blocks(101), said: [dog] }]);
    await decided(one, { action: 'accept' });
    await applyFeedback(store, { name: 'pets' });
    await decided(one, { action: 'undo' });
    await prunePredictions(store, { days: -1, now: Date.now() });
    const done = await applyFeedback(store, { name: 'pets' });
    expect(done.withdrawn).toHaveLength(1);
    expect((await newest()).entry.version).toBe(before.entry.version);
  });

  it('does not hide an ingest that has come between, but adds to what that has read', async () => {
    const [one = ''] = await keepAnswers(store, folder, [{ picture: await blocks(101), said: [dog] }]);
    await decided(one, { action: 'accept' });
    const fresh = { path: 'dog/21.png', label: 'dog', split: 'train', bytes: () => blocks(21) } as const;
    const overtaken = overtakenBy(() => ingestPets(store, [fresh], 'k2'));
    const { version } = await applyFeedback(overtaken.store, { name: 'pets' });
    const { entry, rows } = await newest();
    expect(overtaken.came()).toBe(true);
    expect(entry.version).toBe(version);
    expect(rows.map(({ path }) => path)).toContain('dog/21.png');
    expect(rows.filter(({ origin }) => origin !== undefined)).toHaveLength(1);
  });

  it('is not hidden by an ingest that has read the additions before, and takes them in', async () => {
    const [one = ''] = await keepAnswers(store, folder, [{ picture: await blocks(101), said: [dog] }]);
    await decided(one, { action: 'accept' });
    const fresh = { path: 'dog/21.png', label: 'dog', split: 'train', bytes: () => blocks(21) } as const;
    const overtaken = overtakenBy(() => applyFeedback(store, { name: 'pets' }));
    await ingestPets(overtaken.store, [fresh], 'k2');
    const { rows } = await newest();
    expect(overtaken.came()).toBe(true);
    expect(rows.map(({ path }) => path)).toContain('dog/21.png');
    expect(rows.filter(({ origin }) => origin !== undefined)).toHaveLength(1);
  });

  it('adds also to a version that came between and knows nothing of the reviews', async () => {
    const before = await newest();
    const [one = ''] = await keepAnswers(store, folder, [{ picture: await blocks(101), said: [dog] }]);
    await decided(one, { action: 'accept' });
    const shorter = before.rows.slice(1);
    const overtaken = overtakenBy(async () => {
      const { manifest, version } = await writeManifest(store, 'pets', shorter);
      const { version: after } = before.entry;
      await recordVersion(store, 'pets', after, {
        ...before.entry,
        version,
        manifest,
        pictures: shorter.length,
      });
    });
    const { version } = await applyFeedback(overtaken.store, { name: 'pets' });
    const { entry, rows } = await newest();
    expect(entry.version).toBe(version);
    expect(rows.filter(({ origin }) => origin === undefined)).toEqual(shorter);
    expect(rows).toHaveLength(shorter.length + 1);
    expect(await readHistory(store, 'pets')).toHaveLength(3);
  });

  it('outlasts the next ingest of the source, as the same version', async () => {
    const [one = ''] = await keepAnswers(store, folder, [{ picture: await blocks(101), said: [dog] }]);
    await decided(one, { action: 'accept' });
    const { version } = await applyFeedback(store, { name: 'pets' });
    await ingestPets(store, [], 'again');
    expect((await newest()).entry.version).toBe(version);
    // A source that comes to hold a test picture that looks the same as what was added: the addition gives way.
    const copy = {
      path: 'dog/new.png',
      label: 'dog',
      split: 'test' as const,
      bytes: () => blocks(101, 'jpeg'),
    };
    await ingestPets(store, [copy], 'more');
    const { entry, rows } = await newest();
    expect(rows.filter(({ origin }) => origin !== undefined)).toEqual([]);
    expect(rows.map(({ path }) => path)).toContain('dog/new.png');
    expect(
      (await readFindings(store, 'pets', entry.version))?.filter(({ dropped }) => dropped),
    ).toMatchObject([{ kind: 'leak', other: 'dog/new.png' }]);
  });

  it('loses nothing where several apply at once', async () => {
    const ids = await keepAnswers(store, folder, [
      { picture: await blocks(101), said: [dog] },
      { picture: await blocks(102), said: [dog] },
    ]);
    for (const id of ids) await decided(id, { action: 'accept' });
    await Promise.all([1, 2, 3].map(() => applyFeedback(store, { name: 'pets' })));
    const { rows } = await newest();
    expect(rows.filter(({ origin }) => origin !== undefined)).toHaveLength(2);
  });

  it('tells a workflow how many pictures it is about, and nothing where there are none', async () => {
    expect(await addReviewedLabels(store, { model: 'pets' })).toBeUndefined();
    expect(await addReviewedLabels(store, { model: 'others' })).toBeUndefined();
    const [one = ''] = await keepAnswers(store, folder, [{ picture: await blocks(101), said: [dog] }]);
    await decided(one, { action: 'accept' });
    const added = await addReviewedLabels(store, { model: 'pets' });
    expect(added).toEqual({ pictures: 1, version: (await newest()).entry.version });
  });
});

describe('deciding', () => {
  it('keeps every decision of reviewers who race, and lets the first on a picture win', async () => {
    const pictures = await Promise.all([101, 102, 103, 104].map((seed) => blocks(seed)));
    const ids = await keepAnswers(
      store,
      folder,
      pictures.map((picture) => ({ picture, said: [dog] })),
    );
    await Promise.all(ids.map((id, index) => decided(id, { action: 'accept', by: `r${index}` })));
    expect((await readDecisions(store, 'pets')).map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);

    const [fifth = ''] = await keepAnswers(store, folder, [{ picture: await blocks(105), said: [dog] }]);
    const seen = findItem(await readReview(store, 'pets'), fifth);
    await decide(store, 'pets', [seen], { action: 'correct', label: 'cat', by: 'ada' });
    await expect(decide(store, 'pets', [seen], { action: 'accept', by: 'ben' })).rejects.toMatchObject({
      type: 'feedback-decided',
      message: expect.stringMatching(/^ada has corrected .* as cat.*since you looked/),
    });
    expect(await readDecisions(store, 'pets')).toHaveLength(5);
  });

  it('takes what is decided back, step by step, and forgets nothing of it', async () => {
    const [one = ''] = await keepAnswers(store, folder, [{ picture: await blocks(101), said: [dog] }]);
    await decided(one, { action: 'accept' });
    await expect(decided(one, { action: 'refuse' })).rejects.toMatchObject({ type: 'feedback-decided' });
    await decided(one, { action: 'undo', by: 'ben' });
    expect((await readReview(store, 'pets')).items[0]).toMatchObject({
      state: 'waiting',
      decision: undefined,
    });
    await expect(decided(one, { action: 'undo' })).rejects.toMatchObject({ type: 'request-invalid' });
    await decided(one, { action: 'refuse' });
    expect((await readDecisions(store, 'pets')).map(({ action }) => action)).toEqual([
      'accept',
      'undo',
      'refuse',
    ]);
  });

  it('accepts nothing where people differ, and corrects to a class only', async () => {
    const said = [
      { label: 'dog', by: 'ada' },
      { label: 'cat', by: 'ben' },
    ];
    const [one = ''] = await keepAnswers(store, folder, [{ picture: await blocks(101), said }]);
    await expect(decided(one, { action: 'accept' })).rejects.toMatchObject({ type: 'request-invalid' });
    await expect(decided(one, { action: 'correct', label: '../x' })).rejects.toMatchObject({
      type: 'label-unknown',
    });
    await decided(one, { action: 'correct', label: 'dog' });
  });

  it('opens anew where another label is said since, but for what was refused', async () => {
    const [one = '', two = ''] = await keepAnswers(store, folder, [
      { picture: await blocks(101), said: [dog] },
      { picture: await blocks(102), said: [dog] },
    ]);
    const earlier = new Date(Date.now() - 3_600_000);
    const { items } = await readReview(store, 'pets');
    const review = { model: 'pets', items, withoutPicture: 0 };
    await decide(
      store,
      'pets',
      [findItem(review, one)],
      { action: 'correct', label: 'cat', by: 'ada' },
      earlier,
    );
    await decide(store, 'pets', [findItem(review, two)], { action: 'refuse', by: 'ada' }, earlier);
    const after = await readReview(store, 'pets');
    expect(findItem(after, one)).toMatchObject({ state: 'waiting', decision: { label: 'cat' } });
    expect(findItem(after, two)).toMatchObject({ state: 'refused' });
  });

  it('counts what no picture was kept of, and keeps models apart', async () => {
    const picture = await blocks(101);
    await keepAnswers(store, folder, [{ said: [dog] }, { picture, said: [dog], model: 'birds' }]);
    expect(await readReview(store, 'pets')).toMatchObject({ items: [], withoutPicture: 1 });
    expect((await readReview(store, 'birds')).items).toHaveLength(1);
  });
});
