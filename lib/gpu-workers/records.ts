import { Failure } from '../../contracts/failures';
import { gpuWorkersRecordKey } from '../../contracts/gpu-workers';
import { gpuWorkersRecordSchema, type GpuWorkersRecord } from '../../contracts/schemas/gpu-workers';
import { canonicalJson } from '../storage/canonical-json';
import { parseDocument } from '../storage/refs';
import type { Store } from '../storage/store';

const empty: GpuWorkersRecord = {
  number: 0,
  stopped: false,
  jobs: [],
  waits: {},
  before: { jobs: 0, hours: 0, cost: 0 },
  said: [],
};

const mostTries = 20;

export async function readGpuWorkers(store: Store): Promise<GpuWorkersRecord> {
  return (await readVersion(store)).record;
}

/**
 * Changes the record by compare-and-swap: `change` is given what there is, again where somebody was faster, and must do
 * nothing else.
 *
 * @returns what is written now
 * @throws Failure `storage-unavailable` where others are always faster
 */
export async function changeGpuWorkers(
  store: Store,
  change: (record: GpuWorkersRecord) => GpuWorkersRecord,
): Promise<GpuWorkersRecord> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const { record, generation } = await readVersion(store);
    const changed = change(record);
    if (changed === record) return record;
    const bytes = Buffer.from(canonicalJson(gpuWorkersRecordSchema.parse(changed)));
    if ((await store.compareAndSwap(gpuWorkersRecordKey, bytes, generation)) !== undefined) return changed;
  }
  throw new Failure('storage-unavailable', `Others keep changing ${gpuWorkersRecordKey}; it is tried again.`);
}

async function readVersion(
  store: Store,
): Promise<{ record: GpuWorkersRecord; generation: string | undefined }> {
  const found = await store.readVersioned(gpuWorkersRecordKey);
  return found === undefined
    ? { record: empty, generation: undefined }
    : {
        record: parseDocument(found.bytes, gpuWorkersRecordSchema, gpuWorkersRecordKey),
        generation: found.generation,
      };
}
