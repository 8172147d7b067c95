import { Failure } from '../../contracts/failures';
import type { Console } from '../display/console';
import { readLedger } from '../processes/ledger';
import { endLeftovers, endProcess, runningLedger } from '../processes/leftovers';
import { type Outside, type SettingFlags, settingsOf } from '../settings';

/** Ends the supervisor of this home, which ends its processes in order; or what a killed one left. */
export async function stop(flags: SettingFlags, outside: Outside, out: Console): Promise<void> {
  const { home } = settingsOf(flags, outside);
  const ledger = await runningLedger(home);
  if (ledger) {
    out.say(`Ending Drover (process ${ledger.supervisor.pid}) …`);
    await endProcess(ledger.supervisor, 60_000);
  }
  const ended = await endLeftovers(home);
  if (ended.length > 0) out.say(`Ended what was left: ${ended.join(', ')}.`);
  if (!ledger && ended.length === 0) out.say(`Nothing runs for ${home}.`);
}

/** @throws Failure `start-refused` where this home is in use. */
export async function requireStopped(home: string): Promise<void> {
  const ledger = await readLedger(home);
  if (ledger && (await runningLedger(home))) {
    throw new Failure(
      'start-refused',
      `Drover runs for ${home} (process ${ledger.supervisor.pid}). End it first, with \`npx drover stop\`.`,
    );
  }
}
