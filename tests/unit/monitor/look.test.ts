import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { driftSettingsSchema } from '../../../contracts/schemas/drift';
import type { ModelVersion } from '../../../contracts/schemas/registry';
import { openPrepared } from '../../../lib/data/prepared-set';
import { appendDecisions, decisionsKey } from '../../../lib/feedback/log';
import { encodePixels } from '../../../lib/images/encode-pixels';
import { lookForDrift, type LookWish } from '../../../lib/monitor/look';
import { latestLook, lookIds, readLook } from '../../../lib/monitor/records';
import { SpoolCounts } from '../../../lib/predictions/counts';
import { readPredictions } from '../../../lib/predictions/read';
import { startShipper } from '../../../lib/predictions/ship';
import { createFolderStore } from '../../../lib/storage/folder-store';
import type { Store } from '../../../lib/storage/store';
import { listeningLogger } from '../../api/served';
import { answerRecord, feedbackRecord, testSpool } from '../../support/kept';
import { registerBars } from '../../support/registered-bars';

let home: string;
let store: Store;
let version: ModelVersion;
/** Pictures like those of the reference, none of which is in it: `[count, 12, 12, 3]`. */
let pixels: readonly Uint8Array[];

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'drover-look-'));
  store = createFolderStore(join(home, 'store'));
  version = await registerBars(store, { train: 130, validation: 150, test: 60 });
  const { images, count } = await (await openPrepared(store, version.lineage.prepared)).load('train');
  pixels = Array.from({ length: count }, (_, at) => images.subarray(at * 432, (at + 1) * 432));
});

afterAll(async () => {
  await rm(home, { recursive: true, force: true });
});

beforeEach(async () => {
  for await (const key of store.list('predictions/')) await store.remove(key);
  for await (const key of store.list('drift/')) await store.remove(key);
});

interface Sending {
  readonly pictures: readonly Uint8Array[];
  readonly version?: number;
  readonly label?: string;
}

/** Keeps answers to pictures as the API does, and ships them. */
async function send(...sendings: readonly Sending[]): Promise<void> {
  const folder = join(home, `spool-${Math.random()}`);
  const counts = new SpoolCounts();
  const spool = testSpool(folder, { counts });
  for (const { pictures, version: by = 1, label } of sendings) {
    for (const values of pictures) {
      const record = answerRecord({
        model: { name: 'animals', version: by, digest: version.model.onnx.sha256 },
        ...{ prediction: 'lies', probabilities: { lies: 0.5, square: 0.3, stands: 0.2 } },
      });
      spool.keep(record, await encodePixels({ values, width: 12, height: 12, channels: 3 }, 'png'));
      if (label !== undefined) spool.keep(feedbackRecord(record.id, label));
    }
  }
  spool.close();
  const { logger } = listeningLogger();
  const shipper = startShipper({ ...{ folder, store, counts, keepDays: 0, logger }, intervalMs: 3_600_000 });
  await shipper.ship();
  await shipper.close();
}

let looks = 0;

async function look(
  more: Partial<LookWish> = {},
): Promise<{ found: Awaited<ReturnType<typeof lookForDrift>>; page: string }> {
  const now = Date.now();
  looks += 1;
  const found = await lookForDrift(store, version, {
    ...{ id: `look-${String(looks).padStart(3, '0')}`, workflow: 'test', at: new Date(now).toISOString() },
    ...{ model: 'animals', version: 1, dryRun: false, policy: 'alert' },
    ...{ since: new Date(now - 3_600_000).toISOString(), until: new Date(now + 1000).toISOString() },
    ...{ most: 1000, reference: 180, pictures: 6, keep: 10 },
    drift: driftSettingsSchema.parse({ checks: ['pictures', 'confidence', 'foreign'] }),
    ...more,
  });
  const report = await store.readVersioned(found.report.replace('store://', ''));
  return { found, page: report?.bytes.toString('utf8') ?? '' };
}

const darker = (picture: Uint8Array): Uint8Array => picture.map((value) => value >> 1);

describe('a look for drift', () => {
  it('finds none among pictures like its own, and keeps reference, look and report', async () => {
    await send({ pictures: pixels });
    const { found, page } = await look();
    expect(found).toMatchObject({
      ...{ verdict: 'quiet', version: 1, digest: version.model.onnx.sha256 },
      window: { predictions: 130, compared: 130, repeated: 0, others: 0, unreadable: 0 },
      // All of validation, and test pictures for the rest.
      reference: { pictures: 180 },
    });
    expect(await latestLook(store, 'animals')).toEqual(found);
    expect(page).toContain('No drift');
    const reference = await store.readVersioned(found.reference.key);
    expect(found.reference.key).toMatch(/^models\/animals\/versions\/1\/drift\//);
    await look();
    expect((await store.readVersioned(found.reference.key))?.generation).toBe(reference?.generation);
  });

  it('finds that pictures are darker, and shows the most foreign of them', async () => {
    await send({ pictures: pixels.map(darker) });
    const { found, page } = await look();
    expect(found.verdict).toBe('drift');
    const brightness = found.findings.checks.find(({ id }) => id === 'brightness');
    expect(brightness).toMatchObject({ verdict: 'drift' });
    expect(page.match(/src="data:image\/jpeg;base64,/g)).toHaveLength(6);
    expect(page).toMatch(/Brightness\s*<span class="badge drifted">/);
  });

  it('keeps every picture out of the report where that is asked for', async () => {
    await send({ pictures: pixels.map(darker) });
    const { page } = await look({ pictures: 0 });
    expect(page).not.toContain('data:image');
  });

  it('counts a picture once however often it was sent, and leaves out what others have answered', async () => {
    await send({ pictures: pixels }, { pictures: pixels.slice(0, 40) }, { pictures: pixels, version: 2 });
    const { found } = await look();
    expect(found.window).toMatchObject({ predictions: 170, repeated: 40, others: 130, compared: 130 });
  });

  it('takes classes that somebody said, also of another time that the picture was sent', async () => {
    await send({ pictures: pixels }, { pictures: pixels.slice(0, 20), label: 'stands' });
    const { found } = await look();
    expect(found.window).toMatchObject({ compared: 130, labelled: 20 });
  });

  it('takes no class of a picture on which people disagree, nor of one that a review has refused', async () => {
    await send({ pictures: pixels, label: 'stands' }, { pictures: pixels.slice(0, 30), label: 'lies' });
    expect((await look()).found.window).toMatchObject({ labelled: 100 });
    const items = new Set<string>();
    for await (const { record } of readPredictions(store))
      if (record.picture) items.add(record.picture.sha256);
    await appendDecisions(store, 'animals', () =>
      [...items].map((item, at) => {
        const decided = { item, by: 'Ada', at: new Date().toISOString() };
        return at < 110
          ? { ...decided, action: 'refuse' }
          : { ...decided, action: 'correct', label: 'square' };
      }),
    );
    expect((await look()).found.window).toMatchObject({ labelled: 20 });
    await store.remove(decisionsKey('animals'));
  });

  it('draws of more pictures than it may take, the same ones for the same look', async () => {
    await send({ pictures: pixels });
    const [first, again] = [await look({ most: 110, id: 'drawn' }), await look({ most: 110, id: 'drawn' })];
    expect(first.found.window.compared).toBe(110);
    expect(again.found.findings).toEqual(first.found.findings);
  });

  it('says of too few that they are too few, which is neither drift nor none', async () => {
    await send({ pictures: pixels.slice(0, 30).map(darker) });
    const { found, page } = await look();
    expect(found).toMatchObject({ verdict: 'too-few', findings: { checks: [] } });
    expect(found.reason).toContain('30');
    expect(page).toContain('Too few to tell');
    expect((await look({ until: new Date(0).toISOString() })).found).toMatchObject({ verdict: 'too-few' });
  });

  it('counts pictures whose archive is gone or damaged, and compares the others', async () => {
    await send({ pictures: pixels.slice(0, 10) });
    for await (const key of store.list('predictions/')) if (key.endsWith('.tar')) await store.remove(key);
    await send({ pictures: pixels.slice(10) });
    const { found } = await look();
    expect(found.window).toMatchObject({ predictions: 130, unreadable: 10, compared: 120 });
    expect(found.verdict).toBe('quiet');
  });

  it('keeps so many looks, and a dry run is not the latest', async () => {
    await send({ pictures: pixels.slice(0, 5) });
    const { found } = await look({ id: 'z1', keep: 2 });
    await look({ id: 'z2', keep: 2, dryRun: true });
    await look({ id: 'z0', keep: 2, at: '2026-01-01T00:00:00.000Z' });
    expect(await lookIds(store, 'animals')).toEqual(['z2', 'z1']);
    expect((await latestLook(store, 'animals'))?.id).toBe(found.id);
    await expect(readLook(store, 'animals', 'z0')).rejects.toMatchObject({ type: 'not-found' });
    await expect(readLook(store, 'animals', '../../x')).rejects.toMatchObject({ type: 'request-invalid' });
  });
});
