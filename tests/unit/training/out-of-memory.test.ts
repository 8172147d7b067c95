import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import {
  asKilledForMemory,
  asOutOfMemory,
  nextMicroBatch,
  oomKillsOf,
} from '../../../lib/training/out-of-memory';
import { tf } from '../../../lib/tensorflow';

const use = { batch: 64, microBatch: 64 };
const gpuMessage =
  'Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[64,1024,32,32] and type half on ' +
  '/job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc';

describe('nextMicroBatch', () => {
  it('halves until one picture at once has failed', () => {
    const tried: number[] = [];
    for (let size: number | undefined = 48; size !== undefined; size = nextMicroBatch(size)) tried.push(size);
    expect(tried).toEqual([48, 24, 12, 6, 3, 1]);
  });
});

describe('asOutOfMemory', () => {
  it('knows what TensorFlow itself says on this machine', () => {
    let thrown: unknown;
    try {
      tf.fill([2 ** 20, 2 ** 20], 1);
    } catch (error) {
      thrown = error;
    }
    const failure = asOutOfMemory(thrown, use);
    expect(failure).toMatchObject({ type: 'out-of-memory', retryable: false, cause: thrown });
    expect(failure?.message).toMatch(
      /^The memory was not enough for a tensor of shape \[1048576, 1048576\] \(4398/,
    );
  });

  it('says what was asked, what the device has, and what would learn the same in less', () => {
    const failure = asOutOfMemory(new Error(gpuMessage), { ...use, deviceBytes: 16e9 });
    expect(failure?.message).toBe(
      "The GPU's memory (16.0 GB) was not enough for a tensor of shape [64, 1024, 32, 32] (134 MB of half), " +
        'with 64 pictures at once (batch_size 64). Try micro_batch=32: batch_size stays 64, and a step adds up ' +
        'its gradients, which is the same mathematics, except that batch normalisation sees 32 at a time.',
    );
  });

  it('halves the batch where that is smaller than the micro-batch', () => {
    const failure = asOutOfMemory(new Error(gpuMessage), { batch: 8, microBatch: 100 });
    expect(failure?.message).toMatch(/with 8 pictures at once .*micro_batch=4:/);
  });

  it('names what else helps where one picture at once is too much', () => {
    const failure = asOutOfMemory(new Error(gpuMessage), { batch: 64, microBatch: 1 });
    expect(failure?.message).toMatch(/with 1 picture at once .*not possible: take a smaller network/);
    expect(failure?.message).not.toContain('micro_batch=');
  });

  it.each([
    'RESOURCE_EXHAUSTED: Out of memory while trying to allocate 12345 bytes.',
    'failed to allocate memory [Op:Conv2D]',
    'Failed to create cuBLAS handle: CUBLAS_STATUS_ALLOC_FAILED',
    'CUDNN_STATUS_ALLOC_FAILED in cudnnCreate',
    'failed call to cuMemAlloc: CUDA_ERROR_OUT_OF_MEMORY: out of memory',
  ])('knows %s', (message) => {
    expect(asOutOfMemory(new Error(message), use)?.type).toBe('out-of-memory');
  });

  it.each([
    'Invalid TF_Status: 3\nMessage: Incompatible shapes: [64,10] vs. [8,10]',
    'Invalid TF_Status: 80',
    'the loss is not a number',
  ])('leaves alone: %s', (message) => {
    expect(asOutOfMemory(new Error(message), use)).toBeUndefined();
  });
});

describe('asKilledForMemory', () => {
  it.each([
    { code: null, signal: 'SIGKILL' as const },
    { code: 137, signal: null },
  ])('takes %j for the kernel, short of memory, where the kernel counted one', (death) => {
    const failure = asKilledForMemory({ ...death, oomKills: 1 }, { ...use, deviceBytes: 25e9 });
    expect(failure).toMatchObject({ type: 'out-of-memory', retryable: false });
    expect(failure?.message).toMatch(
      /killed by the system, most likely .*\(25\.0 GB\) ran out.*micro_batch=32/,
    );
  });

  it('leaves every other death to go on from its checkpoint', () => {
    expect(asKilledForMemory({ code: null, signal: 'SIGKILL', oomKills: 0 }, use)).toBeUndefined();
    expect(asKilledForMemory({ code: null, signal: 'SIGTERM', oomKills: 2 }, use)).toBeUndefined();
    expect(asKilledForMemory({ code: 1, signal: null, oomKills: 2 }, use)).toBeUndefined();
  });

  it('finds the count in what the kernel tells', () => {
    expect(oomKillsOf('pgfault 10\noom_kill 3\nswap_ra 0\n')).toBe(3);
    expect(oomKillsOf('pgfault 10\n')).toBe(0);
    if (process.platform !== 'linux') return;
    expect(oomKillsOf(readFileSync('/proc/vmstat', 'utf8'))).toBeGreaterThanOrEqual(0);
  });
});
