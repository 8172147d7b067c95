import type { Settings } from '../contracts/schemas/settings';
import { nativeMissing } from './mend';
import { queryNvidia, runsCuda12 } from './nvidia';
import { buildName, type Device } from './tensorflow-wheels';
import type { World } from './world';

/** Whether there is a TensorFlow with CUDA for this platform. */
export function hasCudaBuild({ catalogue, platform }: World): boolean {
  return catalogue.tensorflow.builds[buildName(platform, 'cuda')] !== undefined;
}

/**
 * Which TensorFlow this machine is to have: what was asked for, else the one with CUDA where the driver answers
 * with a GPU that CUDA 12 runs on. `cuda` is taken at its word where no GPU is seen: an image is built without.
 *
 * @throws Failure `native-missing` where `cuda` was asked for and isn't there for this platform.
 */
export async function chooseDevice(world: World, asked: Settings['device']): Promise<Device> {
  if (asked === 'cpu') return 'cpu';
  if (!hasCudaBuild(world)) {
    if (asked === 'auto') return 'cpu';
    throw nativeMissing(
      `DROVER_DEVICE asks for CUDA, and there is no TensorFlow with CUDA for ${world.platform}, only for ` +
        'linux-x64. Leave DROVER_DEVICE out to train on the CPU.',
    );
  }
  if (asked === 'cuda') return 'cuda';
  const report = await queryNvidia(world.environment);
  return report.state === 'found' && report.gpus.some(runsCuda12) ? 'cuda' : 'cpu';
}
