import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import { version } from 'onnxruntime-node/package.json';

/** Graphs that are kept: of the model that answers, the one before, and a challenger, with room to spare. */
const keptGraphs = 6;
const unfinishedPrefix = 'unfinished-';
/** A graph is made in seconds: what is unfinished for longer was left by a process that was killed. */
const unfinishedMs = 60 * 60_000;
/** Only errors: that a graph is written for one kind of machine is what is wanted here. */
const errorsAlone = 3;

/**
 * A model as ONNX Runtime optimises it for this machine: made once, then found in `folder`, so that the next thread, and the next process,
 * opens it in a tenth of the time. It is to be opened with `graphOptimizationLevel: 'disabled'`.
 *
 * @param digest - SHA-256 of `onnx`.
 * @param folder - of this user alone; made where it is not there. What is found there is checked against the digest in its name.
 * @throws Error where the model cannot be opened, or the folder cannot be written
 */
export async function optimisedGraph(onnx: Uint8Array, digest: string, folder: string): Promise<Uint8Array> {
  const key = `${digest.slice(0, 32)}-${machine()}`;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of await readdir(folder)) {
    if (!name.startsWith(`${key}.`)) continue;
    const bytes = await readFile(join(folder, name)).catch(() => undefined);
    if (bytes !== undefined && name === fileName(key, bytes)) return bytes;
    await rm(join(folder, name), { force: true });
  }
  return make(onnx, key, folder);
}

/** What an optimised graph depends on beside the model. */
function machine(): string {
  const { arch, platform } = process;
  return sha256(`${version} ${platform} ${arch} ${cpus()[0]?.model ?? ''}`).slice(0, 12);
}

function fileName(key: string, bytes: Uint8Array): string {
  return `${key}.${sha256(bytes)}.onnx`;
}

function sha256(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}

async function make(onnx: Uint8Array, key: string, folder: string): Promise<Uint8Array> {
  const unfinished = join(folder, `${unfinishedPrefix}${process.pid}-${process.hrtime.bigint()}`);
  try {
    const session = await InferenceSession.create(onnx, {
      intraOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      optimizedModelFilePath: unfinished,
      logSeverityLevel: errorsAlone,
    });
    await session.release();
    const bytes = await readFile(unfinished);
    await rename(unfinished, join(folder, fileName(key, bytes)));
    await prune(folder);
    return bytes;
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** Keeps the newest, and what is still being made. Another process may do the same at the same time. */
async function prune(folder: string): Promise<void> {
  const names = await readdir(folder);
  const aged = await Promise.all(
    names.map(async (name) => {
      const found = await stat(join(folder, name)).catch(() => undefined);
      return { name, at: found?.mtimeMs ?? 0 };
    }),
  );
  const made = aged.filter(({ name }) => name.endsWith('.onnx')).toSorted((a, b) => b.at - a.at);
  const left = aged.filter(({ name, at }) => {
    return name.startsWith(unfinishedPrefix) && at < Date.now() - unfinishedMs;
  });
  await Promise.all(
    [...made.slice(keptGraphs), ...left].map(({ name }) => rm(join(folder, name), { force: true })),
  );
}
