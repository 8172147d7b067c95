import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runConfigSchema } from '../../../contracts/schemas/run';
import { backboneUri, putBackbone } from '../../../lib/backbones/backbone';
import { openPrepared } from '../../../lib/data/prepared-set';
import { createFolderStore } from '../../../lib/storage/folder-store';
import type { Store } from '../../../lib/storage/store';
import { tf } from '../../../lib/tensorflow';
import { picturesOf } from '../../../lib/training/batches';
import { planPhases } from '../../../lib/training/phases';
import { loadSplit, shapeOf } from '../../../lib/training/training-data';
import { backboneFiles } from '../../support/backbone-files';
import { putBars } from '../../support/prepared-bars';
import { smallBackbone } from '../../support/small-backbone';

let folder: string;
let store: Store;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'drover-phases-'));
  store = createFolderStore(folder);
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function planOn(backbone: tf.LayersModel) {
  const preparedRef = await putBars(store, { perSplit: { train: 40, validation: 16 } });
  const digest = await putBackbone(store, await backboneFiles(backbone));
  const prepared = await openPrepared(store, preparedRef);
  const shape = shapeOf(prepared);
  let computed = 0;
  const plan = await planPhases({
    ...{ store, prepared, preparedRef, shape },
    config: runConfigSchema.parse({
      network: { name: 'transfer', backbone: backboneUri(digest), sha256: digest },
    }),
    train: picturesOf(await loadSplit(prepared, 'train'), shape),
    validation: picturesOf(await loadSplit(prepared, 'validation'), shape),
    onFeatures: () => (computed += 1),
  });
  plan.model.dispose();
  return { features: plan.phases[0]?.train.values, computed };
}

async function keptParts(): Promise<string[]> {
  const found: string[] = [];
  for await (const key of store.list('features/')) found.push(key);
  return found.sort();
}

describe('the phases on a backbone', () => {
  it('are refused before anything is computed where a layer has no form in ONNX, and name it', async () => {
    const backbone = tf.sequential({ name: 'reshaping' });
    backbone.add(tf.layers.conv2d({ name: 'first', inputShape: [12, 12, 3], filters: 4, kernelSize: 12 }));
    backbone.add(tf.layers.reshape({ name: 'as_row', targetShape: [4] }));
    await expect(planOn(backbone)).rejects.toMatchObject({
      type: 'configuration-invalid',
      message: expect.stringMatching(/network\.backbone: .*as_row \(Reshape\).*networks\.md/),
    });
    expect(await keptParts()).toEqual([]);
  });

  it('learn from kept features that are as they were written, and compute damaged ones again', async () => {
    const first = await planOn(smallBackbone());
    // Two batches of training pictures and one of validation; then a part of each.
    expect(first.computed).toBe(3);
    const [part = ''] = await keptParts();
    const written = await store.read(part);

    const kept = await planOn(smallBackbone());
    expect(kept.computed).toBe(2);
    expect(kept.features).toEqual(first.features);

    const damaged = Buffer.from(written);
    damaged.writeUInt8(damaged.readUInt8(7) ^ 1, 7);
    await store.write(part, damaged);
    expect(await planOn(smallBackbone())).toEqual(first);
    expect(await store.read(part)).toEqual(written);
  });
});
