import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FollowUp } from '../../../contracts/schemas/monitor';
import { latestFollowUp, readFollowUp, writeFollowUp } from '../../../lib/monitor/records';
import { createFolderStore } from '../../../lib/storage/folder-store';
import type { Store } from '../../../lib/storage/store';

let folder: string;
let store: Store;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-follow-up-'));
  store = createFolderStore(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const followUp = (version: number, look: string, state: FollowUp['state']): FollowUp => ({
  ...{ look, version, state, model: 'animals', workflow: `retrain-animals-v${version}` },
  ...{ since: '2026-01-01T00:00:00.000Z', reminders: 0, reason: 'drift' },
});

describe('what followed a look', () => {
  const [first, second] = ['20260101-060000-0a1b2c3d', '20260102-060000-00000000'];

  it('is the latest, each write in place of the one before', async () => {
    await writeFollowUp(store, followUp(1, first, 'waiting'));
    await writeFollowUp(store, followUp(1, first, 'rejected'));
    expect(await latestFollowUp(store, 'animals')).toEqual(followUp(1, first, 'rejected'));
  });

  it('hides nothing of a later look, where it ends after that: a version that was replaced meanwhile', async () => {
    await writeFollowUp(store, followUp(1, first, 'waiting'));
    await writeFollowUp(store, followUp(2, second, 'rejected'));
    await writeFollowUp(store, followUp(1, first, 'expired'));
    expect(await latestFollowUp(store, 'animals')).toEqual(followUp(2, second, 'rejected'));
    expect(await readFollowUp(store, 'animals', first)).toEqual(followUp(1, first, 'expired'));
  });
});
