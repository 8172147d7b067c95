import { describe, expect, it } from '@jest/globals';
import { type Precision, precisions } from '../../../contracts/schemas/run';
import { environmentOn, trainerEnvironment } from '../../../lib/training/trainer-environment';

describe('a trainer’s environment', () => {
  it('holds what finds programs and credentials, and no other secret of its worker', () => {
    const environment = trainerEnvironment(
      { PATH: '/bin', GOOGLE_APPLICATION_CREDENTIALS: '/key.json', WANDB_API_KEY: 'secret', HOME: undefined },
      { threads: 2 },
    );
    expect(environment).toMatchObject({ PATH: '/bin', GOOGLE_APPLICATION_CREDENTIALS: '/key.json' });
    expect(environment).not.toHaveProperty('WANDB_API_KEY');
    expect(environment).not.toHaveProperty('HOME');
  });

  it('gives TensorFlow its threads and the one GPU that it may see', () => {
    expect(
      trainerEnvironment({ CUDA_VISIBLE_DEVICES: '0,1' }, { threads: 3, visibleDevice: '1' }),
    ).toMatchObject({ TF_NUM_INTRAOP_THREADS: '3', TF_NUM_INTEROP_THREADS: '1', CUDA_VISIBLE_DEVICES: '1' });
    expect(trainerEnvironment({ CUDA_VISIBLE_DEVICES: '0,1' }, { threads: 1 })).toMatchObject({
      CUDA_VISIBLE_DEVICES: '0,1',
    });
  });

  it('names one GPU by its UUID, or hides them all, whatever the worker sees', () => {
    const worker = { CUDA_VISIBLE_DEVICES: '0,1' };
    const visible = (visibleDevice: string) =>
      trainerEnvironment(worker, { threads: 1, visibleDevice }).CUDA_VISIBLE_DEVICES;
    expect(visible('GPU-5a1c')).toBe('GPU-5a1c');
    expect(visible('-1')).toBe('-1');
  });

  it('shows no GPU where training is to be on the CPU, and those of its worker otherwise', () => {
    const visibleOn = (device: 'auto' | 'cpu' | 'cuda') =>
      trainerEnvironment(environmentOn(device, { CUDA_VISIBLE_DEVICES: '0,1' }), { threads: 1 })
        .CUDA_VISIBLE_DEVICES;
    expect(visibleOn('cpu')).toBe('-1');
    expect([visibleOn('auto'), visibleOn('cuda')]).toEqual(['0,1', '0,1']);
  });

  it('lets CUDA round to TF32 for tf32 alone', () => {
    const override = (precision?: Precision) =>
      trainerEnvironment({}, { threads: 1, ...(precision && { precision }) }).NVIDIA_TF32_OVERRIDE;
    expect(override('tf32')).toBeUndefined();
    const others = precisions.filter((precision) => precision !== 'tf32');
    expect([undefined, ...others].map(override)).toEqual(['0', '0', '0', '0']);
  });

  it('asks for kernels that repeat of cuDNN alone: a GPU has no cross entropy that TensorFlow holds to repeat', () => {
    const environment = trainerEnvironment({ TF_DETERMINISTIC_OPS: '1' }, { threads: 1 });
    expect(environment).toMatchObject({ TF_CUDNN_DETERMINISTIC: '1' });
    expect(environment).not.toHaveProperty('TF_DETERMINISTIC_OPS');
  });

  it('has TensorFlow take memory as it needs it, for every precision', () => {
    expect(trainerEnvironment({}, { threads: 1, precision: 'tf32' })).toMatchObject({
      TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    });
  });
});
