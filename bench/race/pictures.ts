import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { latestPrepared } from '../../lib/data/latest-prepared';
import { openPrepared } from '../../lib/data/prepared-set';
import type { Store } from '../../lib/storage/store';
import { loadSplit, shapeOf } from '../../lib/training/training-data';

/** NumPy's file format, version 1.0: magic, version, the header's length and the header, which ends at a multiple of 64. */
function npy(kind: '|u1' | '<i4', shape: readonly number[], values: Uint8Array): Buffer {
  const told = `{'descr': '${kind}', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`;
  const header = `${told.padEnd(Math.ceil((told.length + 11) / 64) * 64 - 11)}\n`;
  const before = Buffer.from([0x93, ...Buffer.from('NUMPY'), 1, 0, header.length & 255, header.length >> 8]);
  return Buffer.concat([before, Buffer.from(header), values]);
}

/** Writes the prepared set that a store had last for Python: `train-images.npy` and so on. */
export async function writePictures(store: Store, folder: string): Promise<void> {
  const ref = await latestPrepared(store);
  if (ref === undefined) throw new Error(`No prepared set in ${store.location}`);
  const prepared = await openPrepared(store, ref);
  const { height, width, channels } = shapeOf(prepared);
  mkdirSync(folder, { recursive: true });
  for (const split of ['train', 'validation'] as const) {
    const { count, images, labels } = await loadSplit(prepared, split);
    const bytes = new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength);
    writeFileSync(join(folder, `${split}-images.npy`), npy('|u1', [count, height, width, channels], images));
    writeFileSync(join(folder, `${split}-labels.npy`), npy('<i4', [count], bytes));
  }
}
