import { describe, expect, it } from '@jest/globals';
import { parseGpus } from '../../../native/nvidia';
import { trainingDevices, visibleDevices } from '../../../native/training-devices';

const gpus = parseGpus(
  [
    '0, GPU-5a1c-0, NVIDIA A100, 40960, 40000, 550.54.15',
    '1, GPU-5a1d-1, NVIDIA A100, 40960, 40000, 550.54.15',
    '2, GPU-77be-2, NVIDIA A100, 40960, 40000, 550.54.15',
  ].join('\n'),
);
const found = { state: 'found', gpus } as const;

describe('visibleDevices', () => {
  it.each([
    [undefined, ['GPU-5a1c-0', 'GPU-5a1d-1', 'GPU-77be-2']],
    ['2, 0', ['GPU-77be-2', 'GPU-5a1c-0']],
    ['GPU-77be-2', ['GPU-77be-2']],
    ['GPU-77', ['GPU-77be-2']],
    ['1,1', ['GPU-5a1d-1']],
    ['MIG-3c0e,MIG-99', ['MIG-3c0e', 'MIG-99']],
    ['', []],
    ['-1', []],
    ['NoDevFiles', []],
    // CUDA shows what stands before the first that it doesn't find.
    ['0,7,1', ['GPU-5a1c-0']],
    ['1,-1,0', ['GPU-5a1d-1']],
    // Which of two is meant can't be told.
    ['GPU-5a', []],
  ])('are by CUDA_VISIBLE_DEVICES=%s: %j', (visible, devices) => {
    expect(visibleDevices(gpus, visible)).toEqual(devices);
  });
});

describe('trainingDevices', () => {
  const usual = { asked: 'auto', nvidia: found, linked: 'cuda', visible: undefined } as const;

  it('are all GPUs that the worker may see', () => {
    expect(trainingDevices(usual)).toEqual({ gpus: ['GPU-5a1c-0', 'GPU-5a1d-1', 'GPU-77be-2'] });
    expect(trainingDevices({ ...usual, visible: '1' })).toEqual({ gpus: ['GPU-5a1d-1'] });
  });

  it('are none on a machine without, which is nothing to speak of', () => {
    expect(trainingDevices({ ...usual, nvidia: { state: 'absent' }, linked: 'cpu' })).toEqual({ gpus: [] });
  });

  it('are none where the CPU was asked for', () => {
    expect(trainingDevices({ ...usual, asked: 'cpu' })).toEqual({ gpus: [] });
  });

  const old = parseGpus('0, GPU-a, Tesla K80, 1, 1, 470.256.02');
  const faults = [
    [{ linked: 'cpu' }, /TensorFlow that is linked here is for the CPU/],
    [{ visible: '-1' }, /CUDA_VISIBLE_DEVICES hides them all/],
    [{ nvidia: { state: 'found', gpus: old } }, /driver is older than 525/],
    [{ nvidia: { state: 'failed', reason: 'No devices were found' } }, /nvidia-smi says: No devices/],
  ] as const;

  it.each(faults)('say why a GPU is not used: %j', (change, reason) => {
    const { gpus: used, notice } = trainingDevices({ ...usual, ...change });
    expect(used).toEqual([]);
    expect(notice).toMatch(reason);
  });

  it.each([...faults, [{ nvidia: { state: 'absent' } }, /no nvidia-smi/] as const])(
    'refuse to be a CPU where CUDA was asked for: %j',
    (change, reason) => {
      expect(() => trainingDevices({ ...usual, asked: 'cuda', ...change })).toThrow(
        expect.objectContaining({ type: 'start-refused', message: expect.stringMatching(reason) }),
      );
    },
  );
});
