import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseGpus, queryNvidia, runsCuda12 } from '../../../native/nvidia';
import { FakeMachine } from './fake-machine';

let machine: FakeMachine;
const query = () => queryNvidia(machine.world().environment);

beforeEach(() => {
  machine = new FakeMachine();
});

afterEach(() => {
  machine.remove();
});

describe('queryNvidia', () => {
  it('lists the GPUs with their memory in bytes', async () => {
    machine.gpus(
      '0, GPU-5a1c, NVIDIA H100 80GB HBM3, 81559, 81008, 550.54.15',
      '1, GPU-77be, NVIDIA H100 80GB HBM3, 81559, 3, 550.54.15',
    );
    const report = await query();
    expect(report).toMatchObject({ state: 'found', gpus: [{ index: 0 }, { index: 1, uuid: 'GPU-77be' }] });
    expect(report).toHaveProperty('gpus.0', {
      index: 0,
      uuid: 'GPU-5a1c',
      name: 'NVIDIA H100 80GB HBM3',
      totalBytes: 81_559 * 1024 ** 2,
      freeBytes: 81_008 * 1024 ** 2,
      driver: '550.54.15',
    });
    expect(machine.ran()).toEqual([
      'nvidia-smi --query-gpu=index,uuid,name,memory.total,memory.free,driver_version --format=csv,noheader,nounits',
    ]);
  });

  it('tells a machine without the command from one whose driver does not answer', async () => {
    expect(await query()).toEqual({ state: 'absent' });
    const said = "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.";
    machine.command('nvidia-smi', `echo; echo "${said}"; exit 9`);
    expect(await query()).toEqual({ state: 'failed', reason: said });
    machine.command('nvidia-smi', 'echo "No devices were found"; exit 6');
    expect(await query()).toEqual({ state: 'failed', reason: 'No devices were found' });
    machine.command('nvidia-smi', 'exit 3');
    expect(await query()).toEqual({ state: 'failed', reason: 'code 3' });
  });

  it('keeps the other GPUs where one is lost', async () => {
    machine.command(
      'nvidia-smi',
      'echo "Unable to determine the device handle for GPU 0000:41:00.0: GPU is lost"\n' +
        'echo "1, GPU-b, Tesla T4, 15360, 15000, 535.1"; exit 15',
    );
    expect(await query()).toMatchObject({ state: 'found', gpus: [{ index: 1, uuid: 'GPU-b' }] });
  });
});

describe('parseGpus', () => {
  it('does without memory where the driver does not tell, and takes names with commas', () => {
    expect(parseGpus('2, GPU-c, NVIDIA GB10, rev. A, [N/A], [Not Supported], 580.95\n')).toEqual([
      {
        index: 2,
        uuid: 'GPU-c',
        name: 'NVIDIA GB10, rev. A',
        totalBytes: undefined,
        freeBytes: undefined,
        driver: '580.95',
      },
    ]);
  });

  it.each([
    '',
    'index, uuid, name, memory.total [MiB], memory.free [MiB], driver_version',
    '0, [Unknown Error], Tesla T4, 15360, 15000, 535.1',
    '0, GPU-a, Tesla T4, 15360, 15000, [N/A]',
    '0, GPU-a',
  ])('passes over a line that is no GPU: %j', (line) => {
    expect(parseGpus(line)).toEqual([]);
  });

  it('knows which drivers CUDA 12 runs on', () => {
    const driver = (version: string) => parseGpus(`0, GPU-a, T4, 1, 1, ${version}`).map(runsCuda12);
    expect(driver('525.60.13')).toEqual([true]);
    expect(driver('1000.1')).toEqual([true]);
    expect(driver('470.256.02')).toEqual([false]);
  });
});
