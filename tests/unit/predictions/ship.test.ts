import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { extract } from 'tar-stream';
import { Failure } from '../../../contracts/failures';
import { SpoolCounts } from '../../../lib/predictions/counts';
import { type ReadPrediction, readPredictions } from '../../../lib/predictions/read';
import { prefixesBefore, prunePredictions } from '../../../lib/predictions/retention';
import { type Shipper, startShipper } from '../../../lib/predictions/ship';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { sha256 } from '../../../lib/storage/refs';
import type { Store } from '../../../lib/storage/store';
import { listeningLogger } from '../../api/served';
import { answerRecord, feedbackRecord, testSpool } from '../../support/kept';

let home: string;
let folder: string;
let store: Store;
let shippers: Shipper[];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'drover-ship-'));
  folder = join(home, 'spool');
  store = createFolderStore(join(home, 'store'));
  shippers = [];
});

afterEach(async () => {
  await Promise.all(shippers.map((shipper) => shipper.close()));
  await rm(home, { recursive: true, force: true });
});

/** One that ships only when it is told to. */
function openShipper(to: Store = store, counts = new SpoolCounts()): Shipper {
  const { logger } = listeningLogger();
  const shipper = startShipper({ folder, store: to, counts, keepDays: 0, logger, intervalMs: 3_600_000 });
  shippers.push(shipper);
  return shipper;
}

async function readAll(window = {}): Promise<ReadPrediction[]> {
  const found: ReadPrediction[] = [];
  for await (const prediction of readPredictions(store, window)) found.push(prediction);
  return found;
}

async function keys(): Promise<string[]> {
  const found: string[] = [];
  for await (const key of store.list('')) found.push(key);
  return found.sort();
}

const idsOf = (found: readonly ReadPrediction[]): string[] => found.map(({ record }) => record.id).sort();

/** The store as it is, but for writing, of which `fails` says whether it does. */
function failingStore(fails: (key: string) => boolean): Store {
  return {
    ...store,
    create: (key, bytes) =>
      fails(key)
        ? Promise.reject(new Failure('storage-unavailable', 'The store is away.'))
        : store.create(key, bytes),
  };
}

describe('the shipper', () => {
  it('writes many records in a few objects, each picture once, and they are read back as they were', async () => {
    const counts = new SpoolCounts();
    const spool = testSpool(folder, { counts });
    const pictures = [Buffer.from('one picture'), Buffer.from('another picture')];
    const records = Array.from({ length: 20 }, () => answerRecord());
    records.forEach((record, at) => spool.keep(record, pictures[at % 2]));
    spool.keep(feedbackRecord(records[3]?.id ?? '', 'dog'));
    spool.close();
    await openShipper(store, counts).ship();
    const found = await keys();
    expect(found.map((key) => key.replace(/^predictions\/[\d-]{10}\/\d{2}-[0-9a-f]{32}/, ''))).toEqual([
      '.feedback.jsonl',
      '.jsonl',
      '.tar',
    ]);
    const read = await readAll();
    expect(idsOf(read)).toEqual(records.map(({ id }) => id).sort());
    const [first] = read.filter(({ record }) => record.id === records[0]?.id);
    expect(first?.record).toMatchObject({
      ...records[0],
      picture: { sha256: sha256('one picture'), format: 'bin' },
    });
    expect(await first?.picture()).toEqual(pictures[0]);
    const names: string[] = [];
    const archive = extract();
    archive.on('entry', ({ name }, stream, next) => {
      names.push(name);
      stream.resume();
      next();
    });
    archive.end(await store.read(found[2] ?? ''));
    await new Promise<void>((resolve) => archive.on('finish', () => resolve()));
    expect(names.sort()).toEqual(pictures.map((picture) => `${sha256(picture)}.bin`).sort());
    expect([counts.get('kept'), counts.get('shipped'), counts.get('waiting')]).toEqual([21, 21, 0]);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('ships every record that a killed process was told is kept', async () => {
    const script = join(__dirname, '../../support/spool-writer.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', script, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      // Past a segment's end.
      if (printed.length > 37 * 150) child.kill('SIGKILL');
    });
    await new Promise((resolve) => child.once('close', resolve));
    const told = printed.split('\n').filter((line) => line.length === 36);
    expect(readdirSync(folder).some((file) => file.endsWith('.open'))).toBe(true);
    await openShipper().ship();
    const found = new Set(idsOf(await readAll()));
    expect(told.filter((id) => !found.has(id))).toEqual([]);
    expect(told.length).toBeGreaterThan(100);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('writes the same objects again, and none twice, where a process ended between writing them and removing its segments', async () => {
    const spool = testSpool(folder);
    const records = Array.from({ length: 3 }, () => answerRecord());
    for (const record of records) spool.keep(record, Buffer.from('picture'));
    spool.close();
    // The last of the two objects is written, and its process hears of nothing any more.
    const dying: Store = {
      ...store,
      async create(key, bytes) {
        const created = await store.create(key, bytes);
        if (key.endsWith('.jsonl')) throw new Error('the process ended here');
        return created;
      },
    };
    await expect(openShipper(dying).ship()).rejects.toThrow('ended here');
    const before = await keys();
    expect(before).toHaveLength(2);
    await openShipper().ship();
    expect(await keys()).toEqual(before);
    expect(idsOf(await readAll())).toEqual(records.map(({ id }) => id).sort());
    expect(readdirSync(folder)).toEqual([]);
  });

  it('loses nothing while the store is away, but what is beyond the bound, which is counted', async () => {
    const counts = new SpoolCounts();
    let isAway = true;
    const shipper = openShipper(
      failingStore(() => isAway),
      counts,
    );
    const kept: string[] = [];
    for (let at = 0; at < 10; at += 1) {
      const record = answerRecord();
      const spool = testSpool(folder, { counts, maxBytes: 20_000 });
      if (spool.keep(record, Buffer.alloc(4000, at))) kept.push(record.id);
      spool.close();
      if (at % 3 === 0) await expect(shipper.ship()).rejects.toThrow('away');
    }
    expect([kept.length, counts.get('full')]).toEqual([4, 6]);
    isAway = false;
    await shipper.ship();
    expect(idsOf(await readAll())).toEqual(kept.sort());
    expect(counts.get('waiting')).toBe(0);
  });

  it('leaves alone what a living writer has open, and ships it on closing', async () => {
    const spool = testSpool(folder);
    const record = answerRecord();
    spool.keep(record);
    const shipper = openShipper();
    await shipper.ship();
    expect(await readAll()).toEqual([]);
    expect(readdirSync(folder)).toHaveLength(1);
    await shipper.close();
    expect(idsOf(await readAll())).toEqual([record.id]);
    spool.close();
  });

  it('says in the log that nothing is kept where the spool cannot be written', async () => {
    const counts = new SpoolCounts();
    await writeFile(folder, 'a file where the folder should be');
    const spool = testSpool(folder, { counts });
    expect([spool.keep(answerRecord()), counts.get('disk')]).toEqual([false, 1]);
    const { logger, lines } = listeningLogger();
    await startShipper({ folder, store, counts, keepDays: 0, logger }).close();
    expect(lines()).toEqual([
      expect.objectContaining({ level: 'warn', disk: 1, message: expect.stringContaining('not kept') }),
    ]);
  });

  it('shares a spool with another process without shipping anything twice or not at all', async () => {
    const spools = Array.from({ length: 8 }, () => testSpool(folder));
    const records = spools.flatMap((spool) =>
      Array.from({ length: 5 }, () => {
        const record = answerRecord();
        spool.keep(record, Buffer.from(record.id));
        return record;
      }),
    );
    for (const spool of spools) spool.close();
    await Promise.all([openShipper().ship(), openShipper().ship()]);
    await openShipper().ship();
    const lines = await Promise.all(
      (await keys())
        .filter((key) => key.endsWith('.jsonl'))
        .map(async (key) => String(await store.read(key))),
    );
    const ids = lines.flatMap((text) => text.trim().split('\n')).map((line) => JSON.parse(line).id);
    expect(ids.sort()).toEqual(records.map(({ id }) => id).sort());
  });
});

describe('reading back', () => {
  it('joins feedback by id: the last label counts, and that they differ is to be seen', async () => {
    const spool = testSpool(folder);
    const [agreed, disputed, silent] = [answerRecord(), answerRecord(), answerRecord()];
    for (const record of [agreed, disputed, silent]) spool.keep(record);
    const [early, late] = [new Date(Date.now() - 5000), new Date()];
    spool.keep(feedbackRecord(disputed.id, 'dog', late));
    spool.keep(feedbackRecord(disputed.id, 'cat', early));
    spool.keep(feedbackRecord(agreed.id, 'cat'));
    spool.keep(feedbackRecord(answerRecord().id, 'cat'));
    spool.close();
    await openShipper().ship();
    const found = new Map((await readAll()).map((each) => [each.record.id, [each.label, each.disputed]]));
    expect(found).toEqual(
      new Map([
        [agreed.id, ['cat', false]],
        [disputed.id, ['dog', true]],
        [silent.id, [undefined, false]],
      ]),
    );
  });

  it('gives an answer that two threads have kept once, and only those of the window', async () => {
    const now = Date.now();
    const twice = answerRecord({ at: new Date(now - 1000).toISOString() });
    const old = answerRecord({ at: new Date(now - 60_000).toISOString() });
    for (const record of [twice, twice, old]) {
      const spool = testSpool(folder);
      spool.keep(record);
      spool.close();
    }
    await openShipper().ship();
    expect(idsOf(await readAll())).toEqual([twice.id, old.id].sort());
    expect(idsOf(await readAll({ since: now - 5000 }))).toEqual([twice.id]);
    expect(idsOf(await readAll({ until: now - 5000 }))).toEqual([old.id]);
  });

  it('refuses a picture that is not the one that was kept', async () => {
    const spool = testSpool(folder);
    spool.keep(answerRecord(), Buffer.from('a picture of a cat'));
    spool.close();
    await openShipper().ship();
    const [archive = ''] = (await keys()).filter((key) => key.endsWith('.tar'));
    const bytes = await store.read(archive);
    bytes.write('x', bytes.indexOf('cat'));
    await store.write(archive, bytes);
    const [prediction] = await readAll();
    await expect(prediction?.picture()).rejects.toMatchObject({ type: 'digest-mismatch' });
  });
});

describe('retention', () => {
  const id = '0'.repeat(32);

  it('removes whole days that ended long enough ago, and nothing else', async () => {
    const days = [
      '2024-02-29',
      '2025-12-31',
      '2026-01-31',
      '2026-03-09',
      '2026-03-10',
      '2026-03-11',
      '2026-11-01',
    ];
    for (const day of days) await store.create(`predictions/${day}/07-${id}.jsonl`, Buffer.from('{}\n'));
    await store.create('predictions/2026-03-01/notes.txt', Buffer.from('somebody else’s'));
    // A second before and after the day of the 9th ended thirty days ago.
    const now = Date.parse('2026-04-09T00:00:00Z');
    const removed = ['2024-02-29', '2025-12-31', '2026-01-31'];
    const pruneAt = (time: number, dryRun = false) =>
      prunePredictions(store, { days: 30, now: time, dryRun });
    expect((await pruneAt(now - 1000, true)).days).toEqual(removed);
    expect(await pruneAt(now - 1000)).toEqual({ days: removed, objects: 3 });
    expect((await pruneAt(now + 1000)).days).toEqual(['2026-03-09']);
    expect(await keys()).toEqual([
      'predictions/2026-03-01/notes.txt',
      ...days.slice(4).map((day) => `predictions/${day}/07-${id}.jsonl`),
    ]);
  });

  it('asks for each day before a day by one prefix, and for none after it', () => {
    const prefixes = prefixesBefore('2026-03-02');
    const start = Date.parse('2024-01-01T00:00:00Z');
    for (let day = 0; day < 1200; day += 1) {
      const text = new Date(start + day * 86_400_000).toISOString().slice(0, 10);
      const covering = prefixes.filter((prefix) => `predictions/${text}/`.startsWith(prefix));
      expect([text, covering.length]).toEqual([text, text < '2026-03-02' ? 1 : 0]);
    }
  });
});
