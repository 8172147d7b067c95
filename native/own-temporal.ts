import { statSync, readFileSync } from 'node:fs';
import { mkdir, open, realpath, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { nativeRoot } from './cache-folders';
import { runCommand } from './run-command';
import type { World } from './world';

/** The oldest CLI whose development server does all that Drover asks of it. */
const oldest = [1, 4, 0] as const;

const recordSchema = z.object({
  path: z.string(),
  size: z.number(),
  mtimeMs: z.number(),
  usable: z.boolean(),
});

type OwnRecord = z.infer<typeof recordSchema>;

const recordFile = (cache: string) => join(nativeRoot(cache), 'own-temporal.json');

function readRecord(cache: string): OwnRecord | undefined {
  try {
    return recordSchema.parse(JSON.parse(readFileSync(recordFile(cache), 'utf8')));
  } catch {
    return undefined;
  }
}

function stillHolds(record: OwnRecord): boolean {
  const now = statSync(record.path, { throwIfNoEntry: false });
  return now?.size === record.size && now.mtimeMs === record.mtimeMs;
}

/** The machine's own `temporal` as the last set-up found it; starts nothing. */
export function recordedOwnTemporal(cache: string): string | undefined {
  const record = readRecord(cache);
  return record?.usable === true && stillHolds(record) ? record.path : undefined;
}

function isNewEnough(output: string): boolean {
  const found = /\b(\d+)\.(\d+)\.(\d+)/.exec(output)?.slice(1, 4).map(Number);
  if (found === undefined) return false;
  const different = oldest.findIndex((part, index) => part !== found[index]);
  return different === -1 || (found[different] ?? 0) > (oldest[different] ?? 0);
}

/** Best effort: a cache that can't be written only means asking again. */
async function remember(cache: string, record: OwnRecord): Promise<void> {
  const temporary = `${recordFile(cache)}.${process.pid}`;
  await mkdir(nativeRoot(cache), { recursive: true })
    .then(() => writeFile(temporary, JSON.stringify(record)))
    .then(() => rename(temporary, recordFile(cache)))
    .catch(() => undefined);
}

async function isScript(path: string): Promise<boolean> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer.toString('latin1') === '#!';
  } finally {
    await handle.close();
  }
}

/**
 * The `temporal` that this machine brings itself, where it is new enough. Scripts don't count: Drover's own
 * `temporal` command may be on PATH (npx puts it there), and would find itself.
 */
export async function findOwnTemporal(world: World, cache: string): Promise<string | undefined> {
  const search =
    'IFS=:; for d in $PATH; do [ -f "$d/temporal" ] && [ -x "$d/temporal" ] && echo "$d/temporal"; done; :';
  const found = await runCommand('sh', ['-c', search], { environment: world.environment });
  for (const candidate of found.stdout.split('\n').filter((line) => line.startsWith('/'))) {
    const path = await realpath(candidate);
    if (await isScript(path)) continue;
    const known = readRecord(cache);
    if (known?.path === path && stillHolds(known)) {
      if (known.usable) return path;
      continue;
    }
    const { size, mtimeMs } = await stat(path);
    const version = await runCommand(path, ['--version'], { environment: world.environment });
    const usable = version.code === 0 && isNewEnough(version.stdout);
    await remember(cache, { path, size, mtimeMs, usable });
    if (usable) return path;
  }
  return undefined;
}
