import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { readSettings } from '../../../contracts/schemas/settings';
import { linkedDevice } from '../../../native/addon';
import { doctor } from '../../../native/doctor';
import { ensureNative, type EnsureOptions } from '../../../native/ensure';
import { findNative } from '../../../native/find';
import { catalogue } from '../../../native/parts';
import { weightOf } from '../../../native/wheel';
import type { World } from '../../../native/world';
import { FakeMachine } from './fake-machine';

const h100 = '0, GPU-5a1c, NVIDIA H100 80GB HBM3, 81559, 81008, 550.54.15';
const old = '0, GPU-0001, Tesla K80, 11441, 11000, 470.256.02';
let machine: FakeMachine;

beforeEach(() => {
  machine = new FakeMachine();
});

afterEach(() => {
  machine.remove();
});

function setUp(options: Partial<EnsureOptions> = {}, world: Partial<World> = {}) {
  const all = { cache: machine.cache, report: () => {}, ...options };
  return ensureNative(['tensorflow'], all, machine.world(world));
}

const folders = () => readdirSync(machine.native).map((name) => name.replace(/-[0-9a-f]{12}-/, '-…-'));

describe('which TensorFlow is set up', () => {
  it('is the one with CUDA where the driver lists a GPU that CUDA 12 runs on', async () => {
    machine.gpus(h100);
    await setUp();
    expect(folders().sort()).toEqual([
      'tensorflow-1.0-test-cpu-cuda12',
      'tfjs-addon-4.22.0-…-test-cpu-cuda12',
    ]);
    const library = join(machine.native, 'tensorflow-1.0-test-cpu-cuda12');
    expect(readFileSync(join(library, 'nvidia/cublas/lib/libcublas.so.12'), 'utf8')).toBe('a library');
    expect(await linkedDevice(machine.world())).toBe('cuda');
  });

  it.each([
    ['no driver', () => {}],
    ['a driver that is too old', () => machine.gpus(old)],
    ['a driver that fails', () => machine.command('nvidia-smi', 'echo failed; exit 9')],
  ])('is the one for the CPU where there is %s', async (_, prepare) => {
    prepare();
    await setUp();
    expect(await linkedDevice(machine.world())).toBe('cpu');
    expect(existsSync(join(machine.native, 'tensorflow-1.0-test-cpu-cuda12'))).toBe(false);
  });

  it('is what was asked for, whatever is seen, and then nobody asks the driver', async () => {
    machine.gpus(h100);
    await setUp({ device: 'cpu' });
    expect(await linkedDevice(machine.world())).toBe('cpu');
    machine.without('nvidia-smi');
    await setUp({ device: 'cuda' });
    expect(await linkedDevice(machine.world())).toBe('cuda');
    expect(machine.ran().some((line) => line.startsWith('nvidia-smi'))).toBe(false);
  });

  it('changes with the machine, without compiling again what is there', async () => {
    const { tensorflow: cpu } = await setUp();
    machine.gpus(h100);
    const { tensorflow: cuda } = await setUp();
    const link = join(machine.addonPackage, 'lib', 'napi-v8', 'tfjs_binding.node');
    expect(readlinkSync(link)).toBe(cuda);
    expect(findNative('tensorflow', machine.cache, machine.world())).toBe(cuda);
    machine.without('nvidia-smi');
    machine.ran();
    expect(await setUp()).toEqual({ tensorflow: cpu });
    expect(readlinkSync(link)).toBe(cpu);
    expect(findNative('tensorflow', machine.cache, machine.world())).toBe(cpu);
    expect(machine.ran()).toEqual([]);
  });

  it('is refused with CUDA where this platform has none, before anything is downloaded', async () => {
    const asked = setUp({ device: 'cuda' }, { platform: 'plan9-mips' });
    await expect(asked).rejects.toThrow(/no TensorFlow with CUDA for plan9-mips.*DROVER_DEVICE out/);
    expect(machine.ran()).toEqual([]);
  });
});

describe('the set-up with CUDA', () => {
  it('links the addon to the library where it lies beside NVIDIA’s', async () => {
    await setUp({ device: 'cuda' });
    const compile = machine.ran().at(-1);
    expect(compile).toContain('-Wl,-rpath,$ORIGIN/../tensorflow-1.0-test-cpu-cuda12/tensorflow ');
    expect(compile).toContain('/tensorflow-1.0-test-cpu-cuda12/tensorflow -l:libtensorflow_cc.so.2');
  });

  it('keeps every finished wheel of an interrupted set-up', async () => {
    const good = machine.path('python3');
    const script = readFileSync(good, 'utf8');
    machine.pip(
      `case "$(cat "$requirement")" in nvidia*) echo "No space left" >&2; exit 1;; esac
       mkdir -p "$dest"; cp "${machine.folder}/wheel.whl" "$dest/some.whl"`,
    );
    await expect(setUp({ device: 'cuda' })).rejects.toThrow(/nvidia-cublas-cu12==12.9/);
    expect(readdirSync(machine.native)).toEqual(['tensorflow-1.0-test-cpu-cuda12.whl']);
    machine.ran();
    machine.write(good, script);
    await setUp({ device: 'cuda' });
    expect(machine.ran().filter((line) => line.startsWith('python3'))).toHaveLength(1);
    expect(readdirSync(machine.native).filter((name) => name.endsWith('.whl'))).toEqual([]);
  });

  it('counts all wheels as one download', async () => {
    const total = machine.wheel.length + machine.libraries.length;
    const seen: (number | undefined)[] = [];
    await setUp({
      device: 'cuda',
      report: ({ phase, done, total: of }) => {
        if (phase !== 'download') return;
        expect(of).toBe(total);
        seen.push(done);
      },
    });
    expect(seen.at(-1)).toBe(total);
    expect(seen).toEqual([...seen].sort((a = 0, b = 0) => a - b));
  });

  it('says how much it is and how long it takes before a large download, and what does without', async () => {
    const world = machine.world();
    const { tensorflow } = world.catalogue;
    const name = 'test-cpu-cuda12';
    const build = tensorflow.builds[name];
    if (build === undefined) throw new Error('no build');
    const large = { ...build, bytes: 3_300_000_000, unpackedBytes: 5_000_000_000 };
    const builds = { ...tensorflow.builds, [name]: large };
    const catalogueOf = { ...world.catalogue, tensorflow: { ...tensorflow, builds } };
    const said: string[] = [];
    const announce = (message: string) => said.push(message);
    const freeBytes = () => Promise.resolve(6e9);
    await expect(setUp({ device: 'cuda', announce }, { catalogue: catalogueOf, freeBytes })).rejects.toThrow(
      /8\.3 GB are needed .*DROVER_CACHE=.*DROVER_DEVICE=cpu/,
    );
    expect(said).toEqual([]);
    const stopped = new AbortController();
    stopped.abort();
    await expect(
      setUp({ device: 'cuda', announce, signal: stopped.signal }, { catalogue: catalogueOf }),
    ).rejects.toThrow();
    expect(said).toEqual([
      'To download, once: 3.3 GB, about 5 minutes at 100 Mbit/s; then 5.0 GB of disk. ' +
        'Most of it is CUDA; DROVER_DEVICE=cpu does without, and trains on the CPU.',
    ]);
    said.length = 0;
    await setUp({ device: 'cpu', announce });
    expect(said).toEqual([]);
  });
});

describe('the pins', () => {
  const build = catalogue.tensorflow.builds['linux-x64-cuda12'];
  const files = build === undefined ? [] : [build, ...(build.more ?? [])];

  it('put every file where libtensorflow looks for it: $ORIGIN/../nvidia/<package>/lib', () => {
    const places = files.flatMap(({ members }) => members.map(({ to }) => to));
    expect(places).toContain('tensorflow/libtensorflow_framework.so.2');
    expect(new Set(places).size).toBe(places.length);
    const others = places.filter((place) => !place.startsWith('include/'));
    expect(others.filter((place) => !/^(tensorflow|nvidia\/\w+\/(lib|bin|nvvm))\//.test(place))).toEqual([]);
  });

  it('name each wheel by a SHA-256 of its own', () => {
    const hashes = files.map(({ sha256 }) => sha256);
    expect(hashes.filter((hash) => !/^[0-9a-f]{64}$/.test(hash))).toEqual([]);
    expect(new Set(hashes).size).toBe(12);
    expect(build && weightOf(build)).toEqual({ bytes: 3_310_957_966, unpackedBytes: 5_082_719_481 });
  });
});

describe('the doctor', () => {
  async function examine(environment: Record<string, string> = {}) {
    const settings = readSettings({ DROVER_CACHE: machine.cache, ...environment }, machine.folder);
    const checks = await doctor(settings, machine.world());
    return (name: string) => checks.find((check) => check.name === name);
  }

  it('shows the GPU, its memory and driver, and that TensorFlow is linked to CUDA', async () => {
    machine.gpus(h100);
    await setUp();
    const check = await examine();
    expect(check('GPU')).toEqual({
      name: 'GPU',
      ok: true,
      found: 'NVIDIA H100 80GB HBM3, 85.5 GB (84.9 GB free), driver 550.54.15',
    });
    expect(check('TensorFlow')).toMatchObject({
      ok: true,
      found: expect.stringMatching(/^1\.0 with CUDA 12: /),
    });
    expect(check("TensorFlow's addon")?.found).toBe('linked to TensorFlow for CUDA 12, and loads');
  });

  it('says that only the TensorFlow without CUDA is there, though there is a GPU', async () => {
    await setUp();
    machine.gpus(h100);
    const check = await examine();
    expect(check('TensorFlow')).toMatchObject({ ok: false, found: '1.0 with CUDA 12: not set up yet' });
    expect(check("TensorFlow's addon")).toMatchObject({ ok: false, found: 'only built for the CPU' });
    const kept = await examine({ DROVER_DEVICE: 'cpu' });
    expect(kept('TensorFlow')?.ok).toBe(true);
    expect(kept('GPU')).toMatchObject({ ok: true, advice: expect.stringMatching(/DROVER_DEVICE=cpu/) });
  });

  it('finds nothing amiss where there is no GPU, unless one is asked for', async () => {
    expect((await examine())('GPU')).toEqual({
      name: 'GPU',
      ok: true,
      found: 'none: training runs on the CPU',
    });
    const asked = await examine({ DROVER_DEVICE: 'cuda' });
    expect(asked('GPU')).toMatchObject({
      ok: false,
      advice: expect.stringMatching(/Install NVIDIA's driver/),
    });
  });

  it('says what mends a driver that is too old or does not answer', async () => {
    machine.gpus(old);
    expect((await examine())('GPU')).toMatchObject({
      ok: false,
      found: expect.stringMatching(/^Tesla K80, .* driver 470/),
      advice: expect.stringMatching(/driver 525 or newer/),
    });
    machine.command('nvidia-smi', 'echo "No devices were found"; exit 6');
    expect((await examine())('GPU')).toMatchObject({
      ok: false,
      found: 'nvidia-smi: No devices were found',
      advice: expect.stringMatching(/runs on the CPU/),
    });
  });
});
