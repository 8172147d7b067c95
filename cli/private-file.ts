import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes JSON that its owner alone may read; whoever reads meanwhile finds the old or the new, never half of it. */
export async function writePrivateJson(file: string, value: unknown): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const partial = `${file}.${process.pid}`;
  await writeFile(partial, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  // Also where it was left over with other rights.
  await chmod(partial, 0o600);
  await rename(partial, file);
}
