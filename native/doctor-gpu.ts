import type { Settings } from '../contracts/schemas/settings';
import { hasCudaBuild } from './device';
import type { DoctorCheck } from './doctor-check';
import { readableBytes } from './mend';
import { type Gpu, type NvidiaReport, oldestDriver, runsCuda12 } from './nvidia';
import type { Device } from './tensorflow-wheels';
import type { World } from './world';

/** The TensorFlow that the next set-up brings; throws for nothing, as {@link chooseDevice} does. */
export function wantedDevice(world: World, asked: Settings['device'], nvidia: NvidiaReport): Device {
  if (asked !== 'auto') return asked;
  return hasCudaBuild(world) && nvidia.state === 'found' && nvidia.gpus.some(runsCuda12) ? 'cuda' : 'cpu';
}

/** What the driver says of this machine's GPUs. None is nothing amiss, unless one was asked for. */
export function checkGpu(asked: Settings['device'], nvidia: NvidiaReport): DoctorCheck {
  const name = 'GPU';
  const required = asked === 'cuda';
  switch (nvidia.state) {
    case 'absent':
      return required
        ? {
            name,
            ok: false,
            found: 'no nvidia-smi, and DROVER_DEVICE=cuda',
            advice: `Install NVIDIA's driver, ${oldestDriver} or newer, or leave DROVER_DEVICE out`,
          }
        : { name, ok: true, found: 'none: training runs on the CPU' };
    case 'failed':
      return {
        name,
        ok: asked === 'cpu',
        found: `nvidia-smi: ${nvidia.reason}`,
        advice:
          "Start the machine again, or install NVIDIA's driver again; until then training runs on the CPU",
      };
    case 'found': {
      const found = nvidia.gpus.map(describe).join('; ');
      if (asked === 'cpu') {
        return { name, ok: true, found, advice: 'Not used, as DROVER_DEVICE=cpu says' };
      }
      if (nvidia.gpus.some(runsCuda12)) return { name, ok: true, found };
      return {
        name,
        ok: false,
        found,
        advice: `CUDA 12 needs NVIDIA's driver ${oldestDriver} or newer; until then training runs on the CPU`,
      };
    }
  }
}

function describe({ name, totalBytes, freeBytes, driver }: Gpu): string {
  const total = totalBytes === undefined ? '' : `, ${readableBytes(totalBytes)}`;
  const free = freeBytes === undefined ? '' : ` (${readableBytes(freeBytes)} free)`;
  return `${name}${total}${free}, driver ${driver}`;
}
