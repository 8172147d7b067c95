import { existsSync, mkdirSync, openSync, renameSync, statSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const rotateAbove = 10_000_000;

export function logFolder(home: string): string {
  return join(home, 'logs');
}

export function logPath(home: string, name: string): string {
  return join(logFolder(home), `${name}.log`);
}

/** Opens a process's log to append to; one grown past 10 MB is set aside as `<name>.log.1` first. */
export function openLog(home: string, name: string): number {
  mkdirSync(logFolder(home), { recursive: true });
  const path = logPath(home, name);
  if (existsSync(path) && statSync(path).size > rotateAbove) renameSync(path, `${path}.1`);
  return openSync(path, 'a');
}

export async function logNames(home: string): Promise<string[]> {
  const files = await readdir(logFolder(home)).catch(() => []);
  return files
    .filter((file) => file.endsWith('.log'))
    .map((file) => file.slice(0, -'.log'.length))
    .sort();
}

/** The last lines of a file, read from its end; none where there is no file. */
export async function lastLines(path: string, count: number): Promise<string[]> {
  const file = await open(path, 'r').catch(() => undefined);
  if (!file) return [];
  try {
    const { size } = await file.stat();
    const length = Math.min(size, 64 * 1024 + count * 512);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, size - length);
    const lines = buffer.subarray(0, bytesRead).toString('utf8').split('\n');
    // The first of a part may be cut in two.
    if (length < size) lines.shift();
    if (lines.at(-1) === '') lines.pop();
    return lines.slice(-count);
  } finally {
    await file.close();
  }
}

const complaintSchema = z.object({
  level: z.enum(['error', 'warn']),
  message: z.string(),
  error: z.object({ message: z.string() }).optional().catch(undefined),
});

/** The last error or warning that a process logged, or its very last words where it died without one. */
export async function lastComplaint(home: string, name: string): Promise<string | undefined> {
  const lines = await lastLines(logPath(home, name), 200);
  for (const line of lines.toReversed()) {
    const parsed = complaintSchema.safeParse(jsonOf(line));
    if (!parsed.success) continue;
    const { message, error } = parsed.data;
    return error === undefined ? message : `${message}: ${error.message}`;
  }
  const last = lines.at(-1);
  return last === undefined || jsonOf(last) !== undefined ? undefined : last;
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
