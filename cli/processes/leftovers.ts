import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../contracts/failures';
import type { Ledger, ProcessIdentity } from '../../contracts/schemas/processes';
import { withLock } from '../../native/lock';
import { isAlive } from './identity';
import { readLedger, removeLedger } from './ledger';
import { strayServers } from './strays';

/** The ledger of a supervisor that is alive, or undefined. */
export async function runningLedger(home: string): Promise<Ledger | undefined> {
  const ledger = await readLedger(home);
  return ledger && (await isAlive(ledger.supervisor)) ? ledger : undefined;
}

/**
 * Makes a home free: what an earlier supervisor left running, because it was killed, is ended.
 *
 * @returns the names of the processes that were ended.
 * @throws Failure `start-refused` where a supervisor is alive.
 */
export async function endLeftovers(home: string, patience = 10_000): Promise<string[]> {
  return existsSync(home) ? takeHome(home, async () => undefined, patience) : [];
}

/**
 * Makes a home free and claims it, while no other start or stop of this home does the same: of many at once
 * one gets it.
 *
 * @param claim - writes this process into the ledger
 * @returns the names of the processes that an earlier supervisor had left and that were ended.
 * @throws Failure `start-refused` where a supervisor is alive; what `claim` throws.
 */
export async function takeHome(
  home: string,
  claim: () => Promise<void>,
  patience = 10_000,
): Promise<string[]> {
  return withLock(
    join(home, 'start.lock'),
    () => undefined,
    async () => {
      const ended = await free(home, patience);
      await claim();
      return ended;
    },
  );
}

async function free(home: string, patience: number): Promise<string[]> {
  const ledger = await readLedger(home);
  if (ledger && (await isAlive(ledger.supervisor))) {
    throw new Failure(
      'start-refused',
      `Drover is already running for ${home} (process ${ledger.supervisor.pid}). ` +
        'See it with `npx drover status`, or stop it with `npx drover stop`.',
    );
  }
  const recorded = ledger?.children ?? [];
  const strays = (await strayServers(home))
    .filter(({ pid }) => recorded.every((child) => child.pid !== pid))
    .map((stray) => ({ ...stray, name: 'temporal' }));
  const ended: string[] = [];
  await Promise.all(
    [...recorded, ...strays].map(async (child) => {
      if (!(await isAlive(child))) return;
      ended.push(child.name);
      await endProcess(child, patience);
    }),
  );
  if (ledger) await removeLedger(home, ledger.supervisor);
  return ended.sort();
}

/** SIGTERM, and SIGKILL to it and its group where it is still there after `patience` milliseconds. */
export async function endProcess(identity: ProcessIdentity, patience: number): Promise<void> {
  signal(identity.pid, 'SIGTERM');
  const deadline = Date.now() + patience;
  while (await isAlive(identity)) {
    if (Date.now() >= deadline) {
      if (!signal(-identity.pid, 'SIGKILL')) signal(identity.pid, 'SIGKILL');
    }
    await sleep(30);
  }
}

/** @returns false where there is no such process any more. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
