import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Ledger, type ProcessIdentity, ledgerSchema } from '../../contracts/schemas/processes';

export function ledgerPath(home: string): string {
  return join(home, 'processes.json');
}

/** What was last written; undefined where there is nothing, or nothing that can be understood. */
export async function readLedger(home: string): Promise<Ledger | undefined> {
  try {
    return ledgerSchema.parse(JSON.parse(await readFile(ledgerPath(home), 'utf8')));
  } catch {
    return undefined;
  }
}

/** Written beside and renamed: whoever reads sees the old one or the new one. */
export async function writeLedger(home: string, ledger: Ledger): Promise<void> {
  const path = ledgerPath(home);
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, `${JSON.stringify(ledger, null, 2)}\n`);
  await rename(temporary, path);
}

/** Removes the ledger where it is still this supervisor's: another may have claimed the home since. */
export async function removeLedger(home: string, supervisor: ProcessIdentity): Promise<void> {
  const ledger = await readLedger(home);
  if (ledger?.supervisor.pid !== supervisor.pid || ledger.supervisor.started !== supervisor.started) return;
  await rm(ledgerPath(home), { force: true });
}
