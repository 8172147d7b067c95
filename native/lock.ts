import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { errorCode } from '../contracts/error-code';

const ownerSchema = z.object({ host: z.string(), pid: z.number().int().positive(), token: z.string() });

const beatMs = 2000;
/** A lock that was not touched for this long belongs to nobody, whatever its process id says. */
const staleMs = 30_000;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}

function isDead(text: string): boolean {
  try {
    const { host, pid } = ownerSchema.parse(JSON.parse(text));
    // Process ids mean something only on their own host (containers may share a cache).
    return host === hostname() && !isAlive(pid);
  } catch {
    return false; // half written: its owner is at it
  }
}

async function readOwner(path: string): Promise<{ text: string; held: boolean } | undefined> {
  try {
    const text = await readFile(path, 'utf8');
    const fresh = Date.now() - (await stat(path)).mtimeMs < staleMs;
    return { text, held: fresh && !isDead(text) };
  } catch {
    return undefined;
  }
}

/**
 * Runs `work` while no other process on this cache does the same. A lock whose process is gone is taken over.
 * The lock saves work done twice, no more: what is made under it is moved to its place in one step anyway.
 *
 * @param waiting called once where somebody else is at it.
 */
export async function withLock<Result>(
  path: string,
  waiting: () => void,
  work: () => Promise<Result>,
  signal?: AbortSignal,
): Promise<Result> {
  await mkdir(dirname(path), { recursive: true });
  const own = JSON.stringify({ host: hostname(), pid: process.pid, token: randomUUID() });
  for (let waited = false; ;) {
    const taken = await writeFile(path, own, { flag: 'wx' }).then(
      () => true,
      (error: unknown) => {
        if (errorCode(error) === 'EEXIST') return false;
        throw error;
      },
    );
    if (taken) break;
    const owner = await readOwner(path);
    if (owner !== undefined && !owner.held) {
      // Renaming lets only one take a stale lock away; one that turns out to be newer is put back.
      const aside = `${path}.${randomUUID()}`;
      await rename(path, aside).catch(() => undefined);
      if ((await readOwner(aside))?.text === owner.text) await rm(aside, { force: true });
      else await rename(aside, path).catch(() => undefined);
      continue;
    }
    if (!waited) waiting();
    waited = true;
    await sleep(200, undefined, signal === undefined ? {} : { signal });
  }
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => undefined);
  }, beatMs);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    if ((await readOwner(path))?.text === own) await rm(path, { force: true });
  }
}
