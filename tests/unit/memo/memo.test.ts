import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { createMemo, memoKey } from '../../../lib/memo/memo';
import { createFolderStore } from '../../../lib/storage/folder-store';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'drover-memo-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const schema = z.strictObject({ pictures: z.int() });

describe('the memo', () => {
  it('finds what was recorded under the same inputs, and nothing under others', async () => {
    const memo = createMemo(createFolderStore(root));
    const inputs = { manifest: { uri: 'store://a', sha256: 'b' }, preprocess: { size: 48, color: 'rgb' } };
    const key = memoKey({ stage: 'preprocess', version: 1, inputs });
    expect(await memo.lookUp('preprocess', key, schema)).toBeUndefined();
    await memo.record('preprocess', key, { pictures: 7 });
    const again = { preprocess: { color: 'rgb', size: 48 }, manifest: { sha256: 'b', uri: 'store://a' } };
    expect(
      await memo.lookUp('preprocess', memoKey({ stage: 'preprocess', version: 1, inputs: again }), schema),
    ).toEqual({ pictures: 7 });
    expect(await memo.lookUp('ingest', key, schema)).toBeUndefined();
    for (const other of [
      memoKey({ stage: 'preprocess', version: 2, inputs }),
      memoKey({ stage: 'ingest', version: 1, inputs }),
      memoKey({
        stage: 'preprocess',
        version: 1,
        inputs: { ...inputs, preprocess: { size: 49, color: 'rgb' } },
      }),
    ]) {
      expect(other).not.toBe(key);
    }
  });

  it.each(['', '{"pictures":', '{"pictures":"seven"}', '{"pictures":7,"more":1}', 'null', '\u0000\u0001'])(
    'takes a damaged record for none (%j), and records over it',
    async (damaged) => {
      const store = createFolderStore(root);
      const memo = createMemo(store);
      await store.write('cache/train/damaged.json', Buffer.from(damaged));
      expect(await memo.lookUp('train', 'damaged', schema)).toBeUndefined();
      await memo.record('train', 'damaged', { pictures: 8 });
      expect(await memo.lookUp('train', 'damaged', schema)).toEqual({ pictures: 8 });
    },
  );
});
