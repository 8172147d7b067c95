import { setTimeout as sleep } from 'node:timers/promises';
import type { Installation } from './installation';
import { readProcess, send } from './processes';
import type { Fault } from './schedule';

/**
 * Does one fault, and returns when it is over; what it has broken may take longer to come back.
 *
 * @returns what it was done to; undefined where there was nothing
 */
export async function doFault(fault: Fault, installation: Installation): Promise<string | undefined> {
  const { deed, target, lasts } = fault;
  switch (deed) {
    case 'kill': {
      installation.returnsAfter = lasts;
      if (target === 'everything') {
        const all = installation.processes();
        // From the top, so that nothing is started again in between.
        for (const { pid } of all) send(pid, 'SIGKILL');
        return `${all.length} processes`;
      }
      return onProcess(installation, target, async (pid) => {
        send(pid, 'SIGKILL');
        // It takes a moment on a busy machine, and until then all looks well.
        while ((readProcess(pid)?.state ?? 'Z') !== 'Z') await sleep(10);
      });
    }
    case 'pause':
      return onProcess(installation, target, async (pid) => {
        send(pid, 'SIGSTOP');
        await sleep(lasts);
        send(pid, 'SIGCONT');
      });
    case 'stall':
    case 'reset': {
      const partition = target === 'server' ? installation.server : installation.bucket;
      if (partition === undefined) return undefined;
      if (deed === 'stall') partition.stall();
      else partition.reset();
      await sleep(lasts);
      partition.heal();
      return target;
    }
    case 'fill':
      if (!installation.canBeFilled) return undefined;
      installation.fill();
      await sleep(lasts);
      installation.empty();
      return target;
  }
}

/** A process that is just being started again is waited for. */
async function onProcess(
  installation: Installation,
  target: string,
  work: (pid: number) => Promise<void>,
): Promise<string | undefined> {
  for (let tries = 0; tries < 100; tries += 1) {
    const pid = await installation.pidOf(target);
    if (pid !== undefined) {
      await work(pid);
      return `pid ${pid}`;
    }
    await sleep(100);
  }
  // Nothing is being trained just now: its worker, then, so that no fault is left out.
  return target === 'trainer' ? onProcess(installation, 'worker-gpu', work) : undefined;
}
