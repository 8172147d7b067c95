import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RunResult } from '../../../contracts/schemas/documents';
import { runConfigSchema } from '../../../contracts/schemas/run';
import { cardFigures } from '../../../lib/registry/card-figures';
import { compareVersions, type VersionFacts } from '../../../lib/registry/compare-versions';
import type { Registry } from '../../../lib/registry/registry';
import { readVersionFacts } from '../../../lib/registry/version-facts';
import { createFolderStore } from '../../../lib/storage/folder-store';
import type { Store } from '../../../lib/storage/store';
import { figuresOf, registerWithFigures } from '../../support/registry-with-figures';

describe('two versions beside each other', () => {
  let root = '';
  let store: Store;
  let registry: Registry;
  beforeAll(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'drover-compare-'));
    store = createFolderStore(root);
    registry = await registerWithFigures(store, ['one', 'two']);
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  const facts = async (version: number, lr = 0.001, parameters = 10): Promise<VersionFacts> => ({
    ...(await readVersionFacts(store, await registry.get('animals', version))),
    // Only what is compared of a run's result.
    result: { config: runConfigSchema.parse({ lr }), parameters } as RunResult,
  });

  it('have nothing between them where all is alike', async () => {
    const one = await facts(1);
    expect(compareVersions(one, one)).toEqual({
      ...{ configuration: [], data: [], metrics: [], recall: [], size: [], samePictures: true },
    });
  });

  it('differ by what differs, and by nothing else', async () => {
    const one = await facts(1);
    const two = await facts(2, 0.01, 12);
    const figures = figuresOf(['cat', 'dog']);
    const perClass = figures.perClass.map((row) => (row.class === 'cat' ? { ...row, recall: 0.8 } : row));
    const comparison = compareVersions(one, { ...two, evaluation: { ...figures, perClass, rocAuc: 0.97 } });
    expect(comparison).toMatchObject({
      configuration: [{ name: 'lr', before: 0.001, after: 0.01 }],
      recall: [{ name: 'cat', before: 0.6, after: 0.8 }],
      metrics: [{ name: 'ROC AUC', before: undefined, after: 0.97 }],
      size: [{ name: 'weights', before: 10, after: 12 }],
    });
    // Each run of the test has files of its own.
    expect(comparison.data.map(({ name }) => name)).toEqual(['dataset version', 'prepared set']);
  });

  it('say that their figures are of different pictures', async () => {
    const one = await facts(1);
    const evaluation = figuresOf(['cat', 'dog'], 'b'.repeat(64));
    expect(compareVersions(one, { ...one, evaluation }).samePictures).toBe(false);
  });

  it('are compared without the run and the evaluation that a cleaning took', async () => {
    const { result, evaluation, ...one } = await facts(1);
    expect([result, evaluation].includes(undefined)).toBe(false);
    expect(compareVersions(one, await facts(1)).recall).toEqual([
      { name: 'cat', before: undefined, after: 0.6 },
      { name: 'dog', before: undefined, after: 1 },
    ]);
  });
});

describe("the card's further figures", () => {
  it("go by Hugging Face's names, and are left out where there is none", () => {
    const figures = {
      ...figuresOf(['cat', 'dog']),
      macro: { precision: 0.9, recall: 0.8, f1: 0.85 },
      rocAuc: 0.95,
    };
    expect(cardFigures(figures)).toEqual([
      { type: 'precision', value: 0.9 },
      { type: 'recall', value: 0.8 },
      { type: 'f1', value: 0.85 },
      { type: 'roc_auc', value: 0.95 },
    ]);
  });
});
