import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../contracts/failures';
import type { Ledger, ProcessIdentity } from '../../contracts/schemas/processes';
import { isAlive } from './identity';
import { readLedger, removeLedger } from './ledger';

/** The ledger of a supervisor that is alive, or undefined. */
export async function runningLedger(home: string): Promise<Ledger | undefined> {
  const ledger = await readLedger(home);
  return ledger && (await isAlive(ledger.supervisor)) ? ledger : undefined;
}

/**
 * Makes a home free for a new supervisor: what an earlier one left running, because it was killed, is ended.
 *
 * @returns the names of the processes that were ended.
 * @throws Failure `start-refused` where a supervisor is alive.
 */
export async function endLeftovers(home: string, patience = 10_000): Promise<string[]> {
  const ledger = await readLedger(home);
  if (!ledger) return [];
  if (await isAlive(ledger.supervisor)) {
    throw new Failure(
      'start-refused',
      `Drover is already running for ${home} (process ${ledger.supervisor.pid}). ` +
        'See it with `npx drover status`, or stop it with `npx drover stop`.',
    );
  }
  const alive = await Promise.all(
    ledger.children.map(async (child) => ((await isAlive(child)) ? child : undefined)),
  );
  const ended: string[] = [];
  await Promise.all(
    alive.map(async (child) => {
      if (!child) return;
      ended.push(child.name);
      await endProcess(child, patience);
    }),
  );
  await removeLedger(home);
  return ended.sort();
}

/** SIGTERM, and SIGKILL to it and its group where it is still there after `patience` milliseconds. */
export async function endProcess(identity: ProcessIdentity, patience: number): Promise<void> {
  signal(identity.pid, 'SIGTERM');
  const deadline = Date.now() + patience;
  while (Date.now() < deadline) {
    if (!(await isAlive(identity))) break;
    await sleep(50);
  }
  // The group too: a trainer must not outlive the worker that it works for.
  signal(-identity.pid, 'SIGKILL');
  if (await isAlive(identity)) signal(identity.pid, 'SIGKILL');
  while (await isAlive(identity)) await sleep(20);
}

/** @returns false where there is no such process any more. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
