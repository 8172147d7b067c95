import path from 'node:path';
import type { PreparedRef } from '../../contracts/refs';
import type { IngestResult } from '../../contracts/results';
import { datasetConfigSchema, type DatasetConfig } from '../../contracts/schemas/pipeline';
import type { Preprocessing } from '../../contracts/schemas/preprocessing';
import { ingestSource } from '../../lib/data/ingest';
import { finishPreparation, planPreparation, preparationKey, prepareChunk } from '../../lib/data/preparation';
import { openSource } from '../../lib/data/sources/open-source';
import type { SourceOptions } from '../../lib/data/sources/source';
import { digestOf } from '../../lib/storage/refs';
import type { Store } from '../../lib/storage/store';

/** Sources may touch one folder and no network. */
export function optionsFor(root: string): SourceOptions {
  return {
    project: root,
    allowedRoots: [root],
    downloads: path.join(root, 'downloads'),
    network: {
      allowedHosts: [],
      secrets: new Map(),
      kaggle: { endpoint: 'https://www.kaggle.com/api/v1', authorization: undefined },
    },
    limits: { download: 1e9, unpacked: 1e9, files: 1e6 },
  };
}

/** A dataset of small pictures, one fifth of them to validate and one fifth to test. */
export function datasetOf(uri: string, changes: Record<string, unknown> = {}): DatasetConfig {
  return datasetConfigSchema.parse({
    name: 'pets',
    source: { uri },
    split: { validation: 0.2, test: 0.2, seed: 1 },
    validate: { min_side: 8 },
    ...changes,
  });
}

/** All of an ingest, in this process. */
export async function ingestDataset(
  store: Store,
  dataset: DatasetConfig,
  options: SourceOptions,
): Promise<IngestResult> {
  const source = await openSource(dataset.source, options);
  const { onProgress, signal } = options;
  return ingestSource({
    ...{ store, source, dataset, onProgress, signal },
    key: digestOf({ dataset, fingerprint: await source.fingerprint() }),
    at: '2026-11-25T00:00:00.000Z',
  });
}

/** All of a preparation, in this process; and how many pictures were decoded for it. */
export async function prepareDataset(
  store: Store,
  { manifest }: Pick<IngestResult, 'manifest'>,
  preprocessing: Preprocessing,
  name = 'pets',
): Promise<{ readonly prepared: PreparedRef; readonly decoded: number }> {
  const { chunks } = await planPreparation({ store, name, manifest, preprocessing });
  for (const { chunk } of chunks) await prepareChunk({ store, name, preprocessing, chunk });
  const key = preparationKey(manifest, preprocessing);
  const { prepared } = await finishPreparation({ store, name, manifest, preprocessing, key });
  return { prepared, decoded: chunks.reduce((sum, { count }) => sum + count, 0) };
}
