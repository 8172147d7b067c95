import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { PreparedRef } from '../../../contracts/refs';
import type { TrainedModel } from '../../../contracts/schemas/documents';
import { exportSchema } from '../../../contracts/schemas/forms';
import { inChosenForm, keptBeside, makeForms } from '../../../lib/forms/make-forms';
import { createNetwork } from '../../../lib/model/networks';
import { exportOnnx } from '../../../lib/model/onnx/export';
import { networkSchema } from '../../../contracts/schemas/network';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { putRef } from '../../../lib/storage/refs';
import type { Store } from '../../../lib/storage/store';
import { putBars } from '../../support/prepared-bars';

let folder: string;
let store: Store;
let prepared: PreparedRef;
let model: TrainedModel;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'drover-forms-'));
  store = createFolderStore(folder);
  prepared = await putBars(store);
  const network = createNetwork(
    networkSchema.parse({ name: 'cnn', filters: [8, 16], dense: 32, dropout: 0 }),
    { height: 12, width: 12, channels: 3, classes: 3 },
    { mean: [60, 60, 60], std: [50, 50, 50] },
    1,
  );
  const onnx = await putRef<'onnx'>(store, 'model.onnx', exportOnnx(network));
  network.dispose();
  model = {
    classes: ['lying', 'standing', 'square'],
    preprocessing: { size: 12, color: 'rgb', fit: 'contain' },
    layers: { uri: 'store://layers', sha256: 'a'.repeat(64) },
    weights: { uri: 'store://weights', sha256: 'b'.repeat(64) },
    onnx,
    parity: { maxDifference: 0, pictures: 1 },
  };
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('the forms of a model', () => {
  it('are made once, measured on the validation pictures, and read from then on', async () => {
    const rules = exportSchema.parse({ forms: ['int8', 'float16'], most_loss: 0.5, choose: 'smallest' });
    const heard: number[] = [];
    const first = await makeForms({
      ...{ store, model, prepared, rules },
      onProgress: ({ done, total }) => heard.push(done / total),
    });
    expect(first.forms).toMatchObject({ pictures: 16, chosen: 'int8', of: model.onnx });
    expect(first.forms.forms.map(({ form }) => form)).toEqual(['float32', 'float16', 'int8']);
    const [plain, half, whole] = first.forms.forms;
    expect(plain).toMatchObject({ agreement: 1, model: model.onnx });
    expect(half?.bytes).toBeLessThan(plain?.bytes ?? 0);
    expect(whole?.bytes).toBeLessThan(half?.bytes ?? 0);
    expect(heard.at(-1)).toBe(1);

    const silent = { store, model, prepared, rules, onProgress: () => expect('done again').toBe('kept') };
    expect(await makeForms(silent)).toEqual(first);
  });

  it('are calibrated without reading the training pictures that are not chosen', async () => {
    prepared = await putBars(store, { perSplit: { train: 32, validation: 4 }, shardSize: 4 });
    const rules = exportSchema.parse({ forms: ['int8'], calibration: 10, most_loss: 0.5 });
    const shards: string[] = [];
    const read: Store['read'] = (key) => {
      if (key.includes('/shard-')) shards.push(key.replace(/.*-0*(\d+)\.bin$/, '$1'));
      return store.read(key);
    };
    await makeForms({ store: { ...store, read }, model, prepared, rules: { ...rules, calibration: 2 } });
    // Those of validation, then of the first training picture and of that in the middle.
    expect(shards).toEqual(['32', '0', '16']);
  });

  it('are a model that is served as the chosen one, with the other kept ones beside it', async () => {
    const rules = exportSchema.parse({ forms: ['int8'], most_loss: 0.5, choose: 'smallest' });
    const { forms } = await makeForms({ store, model, prepared, rules });
    const int8 = forms.forms[1]?.model;
    expect(inChosenForm(model, forms)).toEqual({ ...model, onnx: int8, form: 'int8' });
    expect(keptBeside(forms)).toEqual([{ name: 'float32', ref: model.onnx }]);
  });

  it('are float32 alone where nothing else is asked for, and the model is as it was', async () => {
    const { forms } = await makeForms({ store, model, prepared, rules: exportSchema.parse({}) });
    expect(forms.forms).toHaveLength(1);
    expect(inChosenForm(model, forms)).toBe(model);
  });

  it('stop where nobody wants them any more', async () => {
    const rules = exportSchema.parse({ forms: ['int8'] });
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(makeForms({ store, model, prepared, rules, signal })).rejects.toThrow('enough');
  });
});
