import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findModelVersion, readModelWish } from '../../../lib/registry/find-version';
import { createRegistry, type Registry } from '../../../lib/registry/registry';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { modelDraft } from '../../support/model-draft';

describe('a version as a person names it', () => {
  let root = '';
  let registry: Registry;
  beforeAll(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'drover-find-'));
    const store = createFolderStore(root);
    registry = createRegistry(store);
    for (const run of ['one', 'two', 'three']) await registry.register(await modelDraft(store, run));
    await registry.register(await modelDraft(store, 'other', { name: 'cars' }));
    const move = { expected: undefined, by: 'ada', reason: 'better' };
    await registry.moveAlias('animals', 'champion', { ...move, version: 2 });
    await registry.moveAlias('animals', 'old', { ...move, version: 1 });
    await registry.moveAlias('animals', 'gone', { ...move, version: 1 });
    await registry.removeAlias('animals', 'gone', { by: 'ada', reason: 'done' });
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  const find = async (text: string) => {
    const { name, which } = readModelWish(text);
    const { name: model, version } = await findModelVersion(registry, { name: name || 'animals', which });
    return `${model} ${version}`;
  };

  it.each([
    ['animals', 'animals 2'],
    ['cars', 'cars 1'],
    ['animals@3', 'animals 3'],
    ['animals@v1', 'animals 1'],
    ['animals@latest', 'animals 3'],
    ['animals@champion', 'animals 2'],
    ['animals@old', 'animals 1'],
    ['@old', 'animals 1'],
    ['3', 'animals 3'],
    ['latest', 'animals 3'],
  ])('%s is %s', async (text, found) => {
    expect(await find(text)).toBe(found);
  });

  it.each([
    ['animls', /did you mean "animals"/],
    ['../animals', /There is no model "..\/animals"/],
    ['animals@9', /has no version 9; it has 1, 2, 3\./],
    ['animals@chmpion', /did you mean "champion"\? Its versions: 1, 2, 3\./],
    ['animals@gone', /has no alias "gone"/],
  ])('%s is not there, and the answer says what is', async (text, says) => {
    await expect(find(text)).rejects.toMatchObject({
      type: 'not-found',
      message: expect.stringMatching(says),
    });
  });
});
