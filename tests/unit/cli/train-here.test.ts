import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Console } from '../../../cli/display/console';
import { plainColours } from '../../../cli/display/format';
import { Steps } from '../../../cli/display/steps';
import { trainHere } from '../../../cli/train-here';
import { runConfigSchema } from '../../../contracts/schemas/run';
import { readSettings } from '../../../contracts/schemas/settings';
import { createFolderStore } from '../../../lib/storage/folder-store';
import { FakeMachine } from '../native/fake-machine';

let machine: FakeMachine;
let folder: string;

beforeEach(() => {
  machine = new FakeMachine();
  folder = mkdtempSync(join(tmpdir(), 'drover-train-here-'));
  // In a trainer's place: notes what it may see, and fails.
  writeFileSync(
    join(folder, 'program.js'),
    `process.once('message', ({ part }) => {
       const seen = { k: part?.k ?? 0, gpus: process.env.CUDA_VISIBLE_DEVICES ?? 'any' };
       require('node:fs').appendFileSync(${JSON.stringify(join(folder, 'seen'))}, JSON.stringify(seen) + '\\n');
       process.send({ kind: 'failed', failure: { message: 'seen' } }, () => process.exit(1));
     });`,
  );
});

afterEach(() => {
  machine.remove();
  rmSync(folder, { recursive: true, force: true });
});

/** Links TensorFlow with CUDA. */
function linkCuda(): void {
  const link = join(machine.addonPackage, 'lib', 'napi-v8', 'tfjs_binding.node');
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync('/cache/tfjs-addon-1-test-cpu-cuda12/tfjs_binding.node', link);
}

/** What trainers of a run on so many devices may see, by their number; and what was said. */
async function seen(devices: number, variables: Record<string, string> = {}) {
  const environment = { PATH: dirname(machine.path('nvidia-smi')), DROVER_HOME: folder, ...variables };
  const settings = readSettings(environment, folder);
  let said = '';
  const out = new Console({ write: (more) => (said += more) }, plainColours, false);
  const steps = new Steps(out);
  const job = {
    config: runConfigSchema.parse({ devices }),
    prepared: { uri: 'store://prepared/a/index.json', sha256: 'ab'.repeat(32) },
    run: '0123456789abcdef',
  };
  const here = {
    ...{ settings, store: createFolderStore(settings.store), out, steps },
    outside: { environment, folder, program: join(folder, 'program.js') },
    signal: new AbortController().signal,
    world: machine.world(),
  };
  let error: unknown;
  await trainHere(job, here).catch((thrown: unknown) => (error = thrown));
  const file = join(folder, 'seen');
  const lines = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  const told = lines.map((line) => JSON.parse(line) as { readonly k: number; readonly gpus: string });
  return { gpus: told.sort((a, b) => a.k - b.k).map(({ gpus }) => gpus), said, error };
}

const two = [
  '0, GPU-5a1c-0, NVIDIA A100, 40960, 40000, 550.54.15',
  '1, GPU-77be-2, NVIDIA A100, 40960, 40000, 550.54.15',
];

describe('a training of the command line', () => {
  it('has a GPU for each of its processes, which sees no other', async () => {
    machine.gpus(...two);
    linkCuda();
    expect(await seen(2)).toMatchObject({ gpus: ['GPU-5a1c-0', 'GPU-77be-2'] });
  });

  it('has only those that its environment shows', async () => {
    machine.gpus(...two);
    linkCuda();
    expect(await seen(1, { CUDA_VISIBLE_DEVICES: '1' })).toMatchObject({ gpus: ['GPU-77be-2'] });
  });

  it('is refused where it asks for more GPUs than there are', async () => {
    machine.gpus(...two);
    linkCuda();
    const { error, gpus } = await seen(3);
    expect(error).toMatchObject({ type: 'start-refused', message: expect.stringMatching(/3 devices.* 2\./) });
    expect(gpus).toEqual([]);
  });

  it('sees no GPU with DROVER_DEVICE=cpu, whichever TensorFlow is linked', async () => {
    machine.gpus(...two);
    linkCuda();
    expect(await seen(2, { DROVER_DEVICE: 'cpu' })).toMatchObject({ gpus: ['-1', '-1'] });
  });

  it('says why a GPU that is there is not used, and nothing where there is none', async () => {
    expect(await seen(1)).toMatchObject({ gpus: ['any'], said: '' });
    machine.gpus(...two);
    expect((await seen(1)).said).toMatch(/^Training on the CPU: the TensorFlow that is linked/);
  });
});
