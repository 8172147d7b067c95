import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { exportKept } from '../../../cli/commands/predictions/export';
import { listPredictions } from '../../../cli/commands/predictions/ls';
import { prune } from '../../../cli/commands/predictions/prune';
import { Console } from '../../../cli/display/console';
import { plainColours } from '../../../cli/display/format';
import type { Outside } from '../../../cli/settings';
import { readCsv } from '../../../lib/data/export/csv';
import { openSource } from '../../../lib/data/sources/open-source';
import { SpoolCounts } from '../../../lib/predictions/counts';
import { startShipper } from '../../../lib/predictions/ship';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { listeningLogger } from '../../api/served';
import { optionsFor } from '../../support/datasets';
import { answerRecord, feedbackRecord, testSpool } from '../../support/kept';

let outside: Outside;

const minutesAgo = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();
const cat = answerRecord({ at: minutesAgo(1) });
const again = answerRecord({ at: minutesAgo(2) });
const mistaken = answerRecord({ at: minutesAgo(3) });
const dog = answerRecord({ at: minutesAgo(40), prediction: 'dog', probabilities: { cat: 0.1, dog: 0.9 } });

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drover-kept-'));
  outside = { environment: {}, folder, program: '' };
  const spool = testSpool(join(folder, 'spool'));
  const draw = (background: string) =>
    sharp({ create: { width: 9, height: 9, channels: 3, background } })
      .jpeg()
      .toBuffer();
  const [red, blue] = await Promise.all([draw('red'), draw('blue')]);
  spool.keep(cat, red);
  spool.keep(again, red);
  spool.keep(mistaken, blue);
  spool.keep(dog);
  spool.keep(feedbackRecord(mistaken.id, 'polar-bear'));
  spool.close();
  const store = createFolderStore(join(folder, '.drover', 'store'));
  const [counts, { logger }] = [new SpoolCounts(), listeningLogger()];
  await startShipper({ folder: join(folder, 'spool'), store, counts, keepDays: 0, logger }).close();
  await store.create(`predictions/2025-01-01/00-${'0'.repeat(32)}.tar`, Buffer.from('old'));
});

afterAll(() => rm(outside.folder, { recursive: true, force: true }));

async function said(command: (out: Console) => Promise<void>): Promise<string> {
  let text = '';
  const terminal = {
    write(piece: string) {
      text += piece;
      return true;
    },
  };
  await command(new Console(terminal, plainColours, false));
  return text;
}

describe('drover predictions', () => {
  it('lists the newest first, with what was said of them', async () => {
    const list = (flags = {}) => said((out) => listPredictions({ limit: '50', ...flags }, outside, out));
    const lines = (await list()).trimEnd().split('\n');
    expect(lines.map((line) => line.slice(-36)).slice(1)).toEqual(
      [cat, again, mistaken, dog].map(({ id }) => id),
    );
    expect(lines[3]).toMatch(/cat +75\.0 % +pets@3 +polar-bear +/);
    expect(await list({ limit: '1' })).toContain('3 older ones');
    const idsOf = async (flags: object) =>
      JSON.parse(await list({ json: true, ...flags })).map(({ id }: any) => id);
    expect(await idsOf({ wrong: true })).toEqual([mistaken.id]);
    expect(await idsOf({ class: 'dog' })).toEqual([dog.id]);
    expect(await idsOf({ since: '30m' })).toEqual([cat.id, again.id, mistaken.id]);
    await expect(list({ since: 'yesterday' })).rejects.toMatchObject({ type: 'start-refused' });
  });

  it('exports each picture once into the folder of its class, with a list', async () => {
    const text = await said((out) => exportKept('kept', {}, outside, out));
    expect(text).toMatch(
      /^2 pictures .* 1 by what somebody said, 1 by what the model said\.\nOf 1 prediction no/,
    );
    const folder = join(outside.folder, 'kept');
    expect((await readdir(folder)).sort()).toEqual(['cat', 'manifest.csv', 'polar-bear']);
    const [, ...rows] = readCsv(await readFile(join(folder, 'manifest.csv'), 'utf8'));
    expect(rows.map(([, label, saidBy, predicted, , , , , id]) => [label, saidBy, predicted, id])).toEqual([
      ['cat', 'model', 'cat', cat.id],
      ['polar-bear', 'feedback', 'cat', mistaken.id],
    ]);
    const bear = await readFile(join(folder, rows[1]?.[0] ?? ''));
    expect((await sharp(bear).stats()).dominant.b).toBeGreaterThan(200);
    await expect(said((out) => exportKept('kept', {}, outside, out))).rejects.toMatchObject({
      type: 'start-refused',
    });
    const only = JSON.parse(
      await said((out) => exportKept('said', { labelled: true, json: true }, outside, out)),
    );
    expect(only).toMatchObject({ pictures: 1, labelled: 1, withoutPicture: 0 });
  });

  it('exports what is a source of pictures with their classes, as a folder and as its list', async () => {
    await said((out) => exportKept('source', {}, outside, out));
    const labels = async (uri: string): Promise<string[]> => {
      const found: string[] = [];
      const source = await openSource({ uri }, optionsFor(outside.folder));
      for await (const { path, label = path.split('/')[0] ?? '' } of source.pictures()) {
        if (!path.endsWith('.csv')) found.push(label);
      }
      return found.sort();
    };
    expect(await labels('source')).toEqual(['cat', 'polar-bear']);
    expect(await labels('source/manifest.csv')).toEqual(['cat', 'polar-bear']);
  });

  it('removes old days, after saying which where it is asked to', async () => {
    const remove = (flags: object) => said((out) => prune({ olderThan: '30d', ...flags }, outside, out));
    expect(await remove({ dryRun: true })).toMatch(/^Would remove 1 day \(2025-01-01\), 1 object\.\nNothing/);
    expect(await remove({})).toMatch(/^Removed 1 day/);
    expect(await remove({})).toMatch(/^No day/);
    await expect(remove({ olderThan: 'all' })).rejects.toMatchObject({ type: 'start-refused' });
  });
});
