import type { ModelVersion } from '../../contracts/schemas/registry';
import { createRegistry } from '../../lib/registry/registry';
import { putRef } from '../../lib/storage/refs';
import type { Store } from '../../lib/storage/store';
import { barModel } from './bar-model';
import { modelDraft } from './model-draft';
import { putBars } from './prepared-bars';

/** A registered version of `animals` with pictures of bars, 12 × 12, and with a network of one layer that is real, if untrained. */
export async function registerBars(
  store: Store,
  perSplit: { readonly train: number; readonly validation: number; readonly test: number },
): Promise<ModelVersion> {
  const prepared = await putBars(store, { perSplit });
  const draft = await modelDraft(store, 'run-1');
  return createRegistry(store).register({
    ...draft,
    model: {
      ...draft.model,
      classes: ['lies', 'square', 'stands'],
      preprocessing: { size: 12, color: 'rgb', fit: 'contain' },
      onnx: await putRef<'onnx'>(store, 'runs/run-1/model.onnx', barModel()),
    },
    lineage: { ...draft.lineage, prepared },
  });
}
