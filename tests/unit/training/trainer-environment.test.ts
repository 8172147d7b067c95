import { describe, expect, it } from '@jest/globals';
import { trainerEnvironment } from '../../../lib/training/trainer-environment';

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
});
