import { Failure } from '../contracts/failures';
import type { Settings } from '../contracts/schemas/settings';
import { linkedDevice } from './addon';
import { type Gpu, type NvidiaReport, oldestDriver, queryNvidia, runsCuda12 } from './nvidia';
import type { Device } from './tensorflow-wheels';
import type { World } from './world';

/** What this process trains on, by its trainers. */
export interface TrainingDevices {
  /** What CUDA_VISIBLE_DEVICES takes for each GPU; none where training runs on the CPU. */
  readonly gpus: readonly string[];
  /** What a person should know, such as why a GPU that is there is not used. */
  readonly notice?: string;
}

interface Situation {
  readonly asked: Settings['device'];
  readonly nvidia: NvidiaReport;
  /** What the linked TensorFlow computes on. */
  readonly linked: Device | undefined;
  /** This process's own CUDA_VISIBLE_DEVICES. */
  readonly visible: string | undefined;
}

/**
 * The GPUs of this machine that trainings get, each the one or ones that it asks for.
 *
 * @param environment - This process's own: where `nvidia-smi` is, and which GPUs may be seen.
 * @throws Failure as {@link trainingDevices}
 */
export async function findTrainingDevices(
  asked: Settings['device'],
  environment: Readonly<Record<string, string | undefined>>,
  world: World,
): Promise<TrainingDevices> {
  return trainingDevices({
    asked,
    nvidia: await queryNvidia({ ...environment }),
    linked: await linkedDevice(world),
    visible: environment['CUDA_VISIBLE_DEVICES'],
  });
}

/**
 * The GPUs that trainings get in a situation.
 *
 * @throws Failure `start-refused` where `cuda` was asked for and there is no GPU that can be trained on: who
 *   asked for a GPU must not wait days for the CPU instead.
 */
export function trainingDevices({ asked, nvidia, linked, visible }: Situation): TrainingDevices {
  if (asked === 'cpu') return { gpus: [] };
  const gpus = nvidia.state === 'found' ? nvidia.gpus.filter(runsCuda12) : [];
  const seen = visibleDevices(gpus, visible);
  if (seen.length > 0 && linked === 'cuda') return { gpus: seen };
  const notice = whyNone(nvidia, gpus, seen);
  if (asked === 'auto') return { gpus: [], ...(nvidia.state !== 'absent' && { notice }) };
  throw new Failure(
    'start-refused',
    `DROVER_DEVICE asks for CUDA, and there is no GPU to train on here: ${notice}. ` +
      'See npx drover doctor, or leave DROVER_DEVICE out to train on the CPU.',
  );
}

function whyNone(nvidia: NvidiaReport, gpus: readonly Gpu[], seen: readonly string[]): string {
  if (nvidia.state === 'absent') return 'there is no nvidia-smi';
  if (nvidia.state === 'failed') return `nvidia-smi says: ${nvidia.reason}`;
  if (gpus.length === 0) return `NVIDIA's driver is older than ${oldestDriver}, which CUDA 12 needs`;
  if (seen.length === 0) return 'CUDA_VISIBLE_DEVICES hides them all';
  return 'the TensorFlow that is linked here is for the CPU (npm start, or native/setup.ts, brings the other)';
}

/**
 * The GPUs that CUDA would show under a value of CUDA_VISIBLE_DEVICES, by NVIDIA's rules: indices or UUIDs,
 * which may be shortened, up to the first that isn't there; nothing for an empty value. Parts of a GPU (`MIG-…`)
 * are kept as they are. Indices are taken in the order of `nvidia-smi`, which is CUDA's own where all GPUs of a
 * machine are of one kind, or CUDA_DEVICE_ORDER is PCI_BUS_ID.
 */
export function visibleDevices(gpus: readonly Gpu[], visible: string | undefined): readonly string[] {
  if (visible === undefined) return gpus.map(({ uuid }) => uuid);
  const found: string[] = [];
  for (const word of visible.split(',').map((text) => text.trim())) {
    const device = deviceOf(gpus, word);
    if (device === undefined) break;
    if (!found.includes(device)) found.push(device);
  }
  return found;
}

function deviceOf(gpus: readonly Gpu[], word: string): string | undefined {
  if (word.startsWith('MIG-')) return gpus.length === 0 ? undefined : word;
  if (/^\d+$/.test(word)) return gpus.find(({ index }) => index === Number(word))?.uuid;
  if (!word.startsWith('GPU-')) return undefined;
  const matching = gpus.filter(({ uuid }) => uuid.startsWith(word));
  return matching.length === 1 ? matching[0]?.uuid : undefined;
}
