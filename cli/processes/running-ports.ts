import type { Ledger } from '../../contracts/schemas/processes';
import { type Environment, settingsOf, type Outside, type SettingFlags } from '../settings';
import { runningLedger } from './leftovers';

/** Where the Temporal server of a home listens, by the settings' names. */
export function portsOf(ledger: Ledger): Environment {
  const temporal = ledger.children.find((child) => child.name === 'temporal')?.port;
  return {
    ...(temporal === undefined ? {} : { DROVER_TEMPORAL_PORT: String(temporal) }),
    ...(ledger.addresses.ui === undefined
      ? {}
      : { DROVER_TEMPORAL_UI_PORT: new URL(ledger.addresses.ui).port }),
  };
}

/**
 * The environment of a command beside what runs for its home, which may have been started with other ports than the usual ones:
 * those stand in it where nothing else is said.
 */
export async function besideWhatRuns(flags: SettingFlags, outside: Outside): Promise<Environment> {
  const { environment } = outside;
  let home: string;
  try {
    ({ home } = settingsOf(flags, outside));
  } catch {
    // The command itself says what is wrong with the settings.
    return environment;
  }
  const ledger = await runningLedger(home);
  return ledger ? { ...portsOf(ledger), ...environment } : environment;
}
