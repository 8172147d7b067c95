import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { readHistory } from '../../lib/data/history';
import { createRandom } from '../../lib/random';
import { createFolderStore } from '../../lib/storage/folder-store';
import { datasetOf, ingestDataset, optionsFor, prepareDataset } from '../support/datasets';

const root = mkdtempSync(join(tmpdir(), 'drover-full-'));
const disk = join(root, 'disk');
mkdirSync(disk);

const mount = (...options: string[]): boolean =>
  spawnSync('mount', ['-t', 'tmpfs', ...options, 'tmpfs', disk], { stdio: 'ignore' }).status === 0;

/** A disk of 2 MB. Only an administrator of Linux may make one. */
const hasDisk = mount('-o', 'size=2m');
const describeWithDisk = hasDisk ? describe : describe.skip;
if (!hasDisk) console.warn('Skipped: a full disk, which only root on Linux can mount.');

beforeAll(async () => {
  for (const label of ['cat', 'dog']) {
    mkdirSync(join(root, 'photos', label), { recursive: true });
    for (let n = 0; n < 40; n += 1) {
      const random = createRandom(`${label} ${n}`);
      const noise = Buffer.from(Array.from({ length: 120 * 100 * 3 }, () => random.int(256)));
      const picture = sharp(noise, { raw: { width: 120, height: 100, channels: 3 } }).png();
      writeFileSync(join(root, 'photos', label, `${n}.png`), await picture.toBuffer());
    }
  }
});

afterAll(() => {
  if (hasDisk) spawnSync('umount', [disk]);
  rmSync(root, { recursive: true, force: true });
});

describeWithDisk('a disk that becomes full', () => {
  it('stops an ingest and a preparation with words, leaves nothing half written, and lets them go on', async () => {
    const store = createFolderStore(join(disk, 'store'));
    const dataset = datasetOf(join(root, 'photos'));
    const work = ingestDataset(store, dataset, optionsFor(root));
    await expect(work).rejects.toMatchObject({ type: 'storage-unavailable', retryable: true });
    await expect(work).rejects.toThrow(/The disk is full: free some space/);
    expect(await readHistory(store, 'pets')).toEqual([]);

    expect(mount('-o', 'remount,size=4m')).toBe(true);
    const calm = createFolderStore(join(root, 'calm'));
    const expected = await ingestDataset(calm, dataset, optionsFor(root));
    const result = await ingestDataset(store, dataset, optionsFor(root));
    expect(result.manifest).toEqual(expected.manifest);

    const preprocessing = { size: 200, color: 'rgb', fit: 'contain' } as const;
    await expect(prepareDataset(store, result, preprocessing)).rejects.toThrow(/The disk is full/);
    expect(mount('-o', 'remount,size=64m')).toBe(true);
    const { prepared } = await prepareDataset(store, result, preprocessing);
    const calmly = await prepareDataset(calm, expected, preprocessing);
    expect(prepared.sha256).toBe(calmly.prepared.sha256);
  });
});
