import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ProcessIdentity } from '../../contracts/schemas/processes';
import { identify } from './identity';

const run = promisify(execFile);

/** The data file of a home's Temporal server, which is what its command line is known by. */
export function temporalData(home: string): string {
  return join(home, 'temporal.db');
}

/**
 * Temporal servers on this home's data, whatever any ledger says: a supervisor that is killed between a
 * server's start and the ledger's writing leaves one behind. Drover's other processes end by themselves.
 */
export async function strayServers(home: string): Promise<ProcessIdentity[]> {
  const argument = ` --db-filename ${temporalData(home)} `;
  const found = await Promise.all((await processNumbers()).map(identify));
  return found.filter((process) => process !== undefined).filter(({ command }) => command.includes(argument));
}

async function processNumbers(): Promise<number[]> {
  const names =
    process.platform === 'linux'
      ? await readdir('/proc')
      : (await run('pgrep', ['-f', 'db-filename']).catch(() => ({ stdout: '' }))).stdout.split('\n');
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}
