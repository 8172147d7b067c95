import { runCommand } from './run-command';

/** One GPU as the driver lists it. */
export interface Gpu {
  /** In the order of the PCI bus, which is `nvidia-smi`'s. */
  readonly index: number;
  /** `GPU-…`: what CUDA_VISIBLE_DEVICES takes, whatever the order. */
  readonly uuid: string;
  readonly name: string;
  /** Undefined where the driver doesn't tell. */
  readonly totalBytes: number | undefined;
  readonly freeBytes: number | undefined;
  /** Such as `550.54.15`. */
  readonly driver: string;
}

/** What `nvidia-smi` says: that it isn't there, why it can't, or at least one GPU. */
export type NvidiaReport =
  | { readonly state: 'absent' }
  | { readonly state: 'failed'; readonly reason: string }
  | { readonly state: 'found'; readonly gpus: readonly Gpu[] };

const fields = ['index', 'uuid', 'name', 'memory.total', 'memory.free', 'driver_version'];

/** A driver that hangs must not hang a set-up. */
const patienceMs = 30_000;

/** The oldest driver that CUDA 12 runs on (NVIDIA's table of minor version compatibility: 525.60.13). */
export const oldestDriver = 525;

/**
 * Asks the driver what GPUs there are; throws for nothing.
 *
 * @param environment - of the command; that of this process where it is undefined.
 */
export async function queryNvidia(environment: NodeJS.ProcessEnv | undefined): Promise<NvidiaReport> {
  const args = [`--query-gpu=${fields.join(',')}`, '--format=csv,noheader,nounits'];
  try {
    const told = await runCommand('nvidia-smi', args, {
      environment,
      signal: AbortSignal.timeout(patienceMs),
    });
    if (told.code === undefined) return { state: 'absent' };
    const gpus = parseGpus(told.stdout);
    // One GPU that fell off the bus is an error to the command, and no reason to leave the others alone.
    if (gpus.length > 0) return { state: 'found', gpus };
    return {
      state: 'failed',
      reason: firstLine(told.stdout) ?? firstLine(told.stderr) ?? `code ${told.code}`,
    };
  } catch {
    return { state: 'failed', reason: `no answer within ${patienceMs / 1000} s` };
  }
}

/** The lines of the answer that are GPUs; a line of anything else is passed over. */
export function parseGpus(text: string): Gpu[] {
  return text.split('\n').flatMap((line) => {
    const cells = line.split(',').map((cell) => cell.trim());
    if (cells.length < fields.length) return [];
    const [index = '', uuid = ''] = cells;
    const [total = '', free = '', driver = ''] = cells.slice(-3);
    if (!/^\d+$/.test(index) || !uuid.startsWith('GPU-') || !/^\d+(\.\d+)+$/.test(driver)) return [];
    // A name may hold commas of its own.
    const name = cells.slice(2, -3).join(', ');
    return [
      { index: Number(index), uuid, name, totalBytes: mebibytes(total), freeBytes: mebibytes(free), driver },
    ];
  });
}

/** Whether a GPU's driver is new enough for CUDA 12. */
export function runsCuda12({ driver }: Gpu): boolean {
  return Number.parseInt(driver, 10) >= oldestDriver;
}

function mebibytes(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) * 1024 ** 2 : undefined;
}

function firstLine(text: string): string | undefined {
  const line = text.split('\n').find((candidate) => candidate.trim() !== '');
  return line?.trim().slice(0, 200);
}
