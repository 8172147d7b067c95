import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A folder of the cache for what a pinned list asks for; made once for each content of the list. */
async function folderFor(
  cache: string,
  list: string,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  const digest = createHash('sha256')
    .update(await readFile(list))
    .digest('hex')
    .slice(0, 12);
  const folder = join(cache, `peers-${digest}`);
  const complete = join(folder, 'complete');
  if (!existsSync(complete)) {
    console.error(`Installing what ${list} asks for into ${folder} …`);
    await mkdir(folder, { recursive: true });
    await fill(folder);
    await writeFile(complete, '');
  }
  return folder;
}

/**
 * A virtual environment with a list's Python packages.
 *
 * @param requirements - A pinned `requirements.txt`.
 * @returns The path of its `python`.
 */
export async function pythonPeers(cache: string, requirements: string): Promise<string> {
  const folder = await folderFor(cache, requirements, async (target) => {
    await run('python3', ['-m', 'venv', target]);
    await run(join(target, 'bin', 'pip'), ['install', '--quiet', '--requirement', requirements], {
      maxBuffer: 1 << 26,
    });
  });
  return join(folder, 'bin', 'python');
}

/**
 * A folder with a list's npm packages; no install script runs.
 *
 * @param manifest - A `package.json` with pinned dependencies.
 * @returns The folder, which holds `node_modules`.
 */
export async function npmPeers(cache: string, manifest: string): Promise<string> {
  return folderFor(cache, manifest, async (target) => {
    await copyFile(manifest, join(target, 'package.json'));
    await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: target });
  });
}
