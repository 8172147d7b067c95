import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exportVersion } from '../../../lib/registry/export-version';
import { createRegistry } from '../../../lib/registry/registry';
import { traceVersion } from '../../../lib/registry/trace-version';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { putRef } from '../../../lib/storage/refs';
import type { Store } from '../../../lib/storage/store';
import { modelDraft } from '../../support/model-draft';

let root = '';
let store: Store;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'drover-export-'));
  store = createFolderStore(path.join(root, 'store'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function registered() {
  const draft = await modelDraft(store, 'one');
  const int8 = await putRef(store, 'runs/one/int8.onnx', Buffer.from('int8'));
  return createRegistry(store).register({ ...draft, otherForms: [{ name: 'int8', ref: int8 }] });
}

describe('an export', () => {
  it('holds every form, the card and what sha256sum checks them by', async () => {
    const folder = path.join(root, 'out', 'animals');
    const files = await exportVersion(store, await registered(), folder);
    expect(files.map(({ file }) => file)).toEqual([
      ...['model.onnx', 'model.json', 'weights.bin', 'model.int8.onnx'],
      ...['README.md', 'version.json', 'classes.json'],
    ]);
    expect(await readFile(path.join(folder, 'model.int8.onnx'), 'utf8')).toBe('int8');
    expect(spawnSync('sha256sum', ['-c', 'SHA256SUMS'], { cwd: folder }).status).toBe(0);
  });

  it('overwrites nothing, and takes an empty folder', async () => {
    const version = await registered();
    const folder = path.join(root, 'out');
    await mkdir(folder);
    await exportVersion(store, version, folder);
    const asked = exportVersion(store, version, folder);
    await expect(asked).rejects.toMatchObject({ type: 'path-refused' });
    await writeFile(path.join(root, 'file'), 'mine');
    await expect(exportVersion(store, version, path.join(root, 'file'))).rejects.toMatchObject({
      type: 'path-refused',
    });
    expect(await readFile(path.join(root, 'file'), 'utf8')).toBe('mine');
  });

  it('holds nothing of one that was killed on its way, by a process of the same id', async () => {
    const folder = path.join(root, 'out');
    await mkdir(`${folder}.partial-${process.pid}`);
    await writeFile(path.join(`${folder}.partial-${process.pid}`, 'model.float16.onnx'), 'of another');
    await exportVersion(store, await registered(), folder);
    expect(await readdir(folder)).not.toContain('model.float16.onnx');
  });

  it('is not there where a file in the store was changed', async () => {
    const version = await registered();
    await store.write('models/animals/versions/1/weights.bin', Buffer.from('other'));
    const asked = exportVersion(store, version, path.join(root, 'out'));
    await expect(asked).rejects.toMatchObject({ type: 'digest-mismatch' });
    expect(await readdir(root)).toEqual(['store']);
  });
});

describe('a lineage', () => {
  it('says what is there as it was, what was changed, and what is gone', async () => {
    const version = await registered();
    await store.write('runs/one/manifest.jsonl', Buffer.from('other'));
    await store.remove('runs/one/evaluation.json');
    await store.remove('runs/one/result.json');
    await store.remove('runs/one/index.json');
    const link = await traceVersion(store, version, undefined);
    const [evaluation, run] = link.from;
    const prepared = run?.from[0];
    expect(
      [link, evaluation, run, prepared, prepared?.from[0]].map((each) => [each?.kind, each?.state]),
    ).toEqual([
      ['model', 'ok'],
      ['evaluation', 'gone'],
      ['run', 'gone'],
      ['prepared', 'gone'],
      ['dataset', 'changed'],
    ]);
  });
});
