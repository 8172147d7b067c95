import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { startShippingThread } from '../../api/shipping/shipping-thread';
import { SpoolCounts } from '../../lib/predictions/counts';
import { readPredictions } from '../../lib/predictions/read';
import { createFolderStore } from '../../lib/storage/folder-store';
import { answerRecord, testSpool } from '../support/kept';
import { listeningLogger } from './served';

let home: string;
let counts: SpoolCounts;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'drover-shipping-'));
  counts = new SpoolCounts();
});

afterEach(() => rm(home, { recursive: true, force: true }));

function startTo(store: string) {
  const { logger, lines } = listeningLogger();
  const settings = { store, gcsEndpoint: undefined, logLevel: 'error' as const };
  const start = { folder: join(home, 'spool'), counts: counts.shared, settings, keepDays: 0 };
  return { shipping: startShippingThread(start, logger), lines };
}

it('ships what is there when it is closed, though it had not begun yet, and counts it here', async () => {
  const spool = testSpool(join(home, 'spool'), { counts });
  const record = answerRecord();
  spool.keep(record);
  spool.close();
  const { shipping } = startTo(join(home, 'store'));
  await shipping.close();
  expect([counts.get('shipped'), counts.get('waiting')]).toEqual([1, 0]);
  const found: string[] = [];
  for await (const { record: read } of readPredictions(createFolderStore(join(home, 'store'))))
    found.push(read.id);
  expect(found).toEqual([record.id]);
});

it('says why its thread failed, and can be closed all the same', async () => {
  const { shipping, lines } = startTo('no place for a store');
  await shipping.close();
  expect(lines()).toEqual([
    expect.objectContaining({ level: 'error', message: 'the thread that ships predictions failed' }),
  ]);
});
