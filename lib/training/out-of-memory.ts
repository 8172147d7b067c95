import { Failure } from '../../contracts/failures';

/** How many pictures were at work when the memory ran out. */
export interface MemoryUse {
  /** `batch_size`: what one step learns from. */
  readonly batch: number;
  /** `micro_batch`: how many of them are computed at once; the batch where it isn't divided. */
  readonly microBatch: number;
  /** What the device has in all, where that is known. */
  readonly deviceBytes?: number | undefined;
}

/** How a trainer process ended, as `child_process` tells it. */
export interface TrainerDeath {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Processes that the kernel killed for want of memory while the trainer ran: {@link oomKillsOf} after, less before. */
  readonly oomKills: number;
}

/**
 * TensorFlow's words for too little memory: of its allocators (status 8, RESOURCE_EXHAUSTED), and of CUDA,
 * cuBLAS and cuDNN, which take memory beside them.
 */
const signs = [
  /\bOOM when allocating/,
  /Invalid TF_Status: 8\b/,
  /\bRESOURCE_EXHAUSTED\b|\bResourceExhausted/,
  /CUDA_ERROR_OUT_OF_MEMORY|CUBLAS_STATUS_ALLOC_FAILED|CUDNN_STATUS_ALLOC_FAILED/,
  /failed to allocate memory/i,
];

/** Bytes of one element, by the names that TensorFlow's messages use. */
const elementBytes: Readonly<Record<string, number>> = {
  ...{ bool: 1, int8: 1, uint8: 1, half: 2, bfloat16: 2, int16: 2, uint16: 2 },
  ...{ float: 4, int32: 4, uint32: 4, double: 8, int64: 8, uint64: 8, complex64: 8, complex128: 16 },
};

/**
 * How many pictures at once to try next: half, or undefined where it was one already. A step that adds up the
 * gradients of several micro-batches learns the same as from the whole batch.
 */
export function nextMicroBatch(microBatch: number): number | undefined {
  return microBatch <= 1 ? undefined : Math.floor(microBatch / 2);
}

/** The Failure `out-of-memory` for an error that says so in TensorFlow's words, or undefined for any other. */
export function asOutOfMemory(error: unknown, use: MemoryUse): Failure | undefined {
  const message = error instanceof Error ? error.message : String(error);
  if (!signs.some((sign) => sign.test(message))) return undefined;
  const place = /\bdevice:GPU:|\ballocator GPU_|CUDA_|CUBLAS_|CUDNN_/.test(message)
    ? "The GPU's memory"
    : 'The memory';
  return outOfMemory(`${place}${sizeOf(use)} was not enough${askedFor(message)}`, use, error);
}

/**
 * The Failure `out-of-memory` for a trainer that the kernel most likely ended for want of memory: it was killed
 * outright, and the kernel counts such a death in that time. A kill that the kernel counts nothing for is
 * somebody's, and undefined here: the run goes on from its checkpoint.
 */
export function asKilledForMemory(death: TrainerDeath, use: MemoryUse): Failure | undefined {
  const killed = death.signal === 'SIGKILL' || death.code === 137;
  if (!killed || death.oomKills <= 0) return undefined;
  return outOfMemory(
    `The trainer was killed by the system, most likely as this machine's memory${sizeOf(use)} ran out`,
    use,
  );
}

/** The kernel's count of processes killed for want of memory, in the text of `/proc/vmstat`; 0 where it has none. */
export function oomKillsOf(vmstat: string): number {
  return Number(/^oom_kill (\d+)$/m.exec(vmstat)?.[1] ?? 0);
}

function outOfMemory(found: string, { batch, microBatch }: MemoryUse, cause?: unknown): Failure {
  const atOnce = Math.min(batch, microBatch);
  const next = nextMicroBatch(atOnce);
  const pictures = atOnce === 1 ? '1 picture' : `${atOnce} pictures`;
  const advice =
    next === undefined
      ? 'Fewer at once is not possible: take a smaller network, smaller pictures (preprocess.size), ' +
        'precision=mixed_bfloat16, or a device with more memory.'
      : `Try micro_batch=${next}: batch_size stays ${batch}, and a step adds up its gradients, which is the ` +
        `same mathematics, except that batch normalisation sees ${next} at a time.`;
  return new Failure(
    'out-of-memory',
    `${found}, with ${pictures} at once (batch_size ${batch}). ${advice}`,
    cause === undefined ? {} : { cause },
  );
}

function sizeOf({ deviceBytes }: MemoryUse): string {
  return deviceBytes === undefined ? '' : ` (${readable(deviceBytes)})`;
}

/** What the message says was asked for, such as ` for a tensor of shape [64,1024,1024] (268 MB of float)`. */
function askedFor(message: string): string {
  const shape = /shape\s?\[([\d,\s]*)\]/.exec(message)?.[1];
  if (shape === undefined) return '';
  const sides = shape.split(',').map(Number);
  const type = /\btype (\w+)/.exec(message)?.[1] ?? '';
  const size = elementBytes[type];
  const told =
    size === undefined ? '' : ` (${readable(sides.reduce((all, side) => all * side, size))} of ${type})`;
  return ` for a tensor of shape [${sides.join(', ')}]${told}`;
}

function readable(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return bytes >= 1e6 ? `${Math.round(bytes / 1e6)} MB` : `${Math.ceil(bytes / 1e3)} kB`;
}
