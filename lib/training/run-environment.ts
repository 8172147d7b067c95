import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { RunResult } from '../../contracts/schemas/documents';
import { tensorflowDevice, tensorflowVersion } from '../tensorflow';

/** Libraries that a model's bytes hang on. */
const libraries = ['@tensorflow/tfjs-node-gpu', 'onnxruntime-node', 'sharp', '@julusian/jpeg-turbo'];

/** The CPU's instructions that TensorFlow picks its kernels by, the widest first. */
const instructionSets = ['amx_bf16', 'avx512_bf16', 'avx512f', 'avx2', 'asimd'];

const manifestSchema = z.object({
  version: z.string(),
  dependencies: z.record(z.string(), z.string()).default({}),
});

/**
 * Where a run was made: what its bytes hang on, and what leads back to its code. Whatever can't be told is left out.
 *
 * @param root - Drover's own folder.
 */
export function runEnvironment(threads: number, root = installationOf(__dirname)): RunResult['environment'] {
  const manifest = root === undefined ? undefined : parsed(path.join(root, 'package.json'));
  const lock = root === undefined ? undefined : readOr(path.join(root, 'package-lock.json'));
  const commit = root === undefined ? undefined : commitOf(root);
  const instructions = widestInstructions(readOr('/proc/cpuinfo') ?? '');
  return {
    tensorflow: tensorflowVersion(),
    device: tensorflowDevice(),
    cpu: cpus()[0]?.model ?? process.arch,
    threads,
    node: process.version,
    ...(instructions !== undefined && { instructions }),
    ...(manifest && {
      drover: manifest.version,
      libraries: Object.fromEntries(
        libraries.flatMap((name) => {
          const version = manifest.dependencies[name];
          return version === undefined ? [] : [[name, version]];
        }),
      ),
    }),
    ...(commit !== undefined && { commit }),
    ...(lock !== undefined && { lock: createHash('sha256').update(lock).digest('hex') }),
  };
}

/** Of what `/proc/cpuinfo` says. */
export function widestInstructions(cpuinfo: string): string | undefined {
  const flags = /^(?:flags|Features)\s*:(.*)$/m.exec(cpuinfo)?.[1]?.split(' ') ?? [];
  return instructionSets.find((set) => flags.includes(set));
}

/** The commit of a git checkout, read from its files; undefined where there is none. */
export function commitOf(root: string): string | undefined {
  const git = path.join(root, '.git');
  const head = readOr(path.join(git, 'HEAD'))?.trim();
  if (head === undefined) return undefined;
  const [, name] = /^ref: (refs\/[\w./-]+)$/.exec(head) ?? [];
  if (name === undefined) return isCommit(head) ? head : undefined;
  const loose = readOr(path.join(git, name))?.trim();
  if (loose !== undefined && isCommit(loose)) return loose;
  const packed = readOr(path.join(git, 'packed-refs'))
    ?.split('\n')
    .find((line) => line.endsWith(` ${name}`))
    ?.slice(0, 40);
  return packed !== undefined && isCommit(packed) ? packed : undefined;
}

function isCommit(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

/** The nearest folder above that has Drover's package.json. */
function installationOf(folder: string): string | undefined {
  const above = path.dirname(folder);
  if (readOr(path.join(folder, 'package.json')) !== undefined) return folder;
  return above === folder ? undefined : installationOf(above);
}

function parsed(file: string): z.infer<typeof manifestSchema> | undefined {
  const text = readOr(file);
  if (text === undefined) return undefined;
  const found = manifestSchema.safeParse(JSON.parse(text));
  return found.success ? found.data : undefined;
}

function readOr(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
