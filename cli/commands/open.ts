import { Failure } from '../../contracts/failures';
import { browse } from '../browse';
import type { Console } from '../display/console';
import { runningLedger } from '../processes/leftovers';
import { type Outside, type SettingFlags, addresses, settingsOf } from '../settings';

/** Prints where something is, and shows it in the browser where there is one. */
export async function openPage(
  what: string,
  flags: SettingFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  const settings = settingsOf(flags, outside);
  if (what !== 'api' && what !== 'ui') {
    throw new Failure('start-refused', 'Only `drover open api` and `drover open ui` are known.');
  }
  const ledger = await runningLedger(settings.home);
  // What runs may have been started with other ports than this command was.
  const address = ledger?.addresses[what] ?? addresses(settings)[what];
  if (address === undefined) {
    throw new Failure(
      'not-found',
      'The Temporal server is not Drover’s own, so its UI’s address is not known here.',
    );
  }
  out.say(address);
  if (!ledger) out.say('Nothing runs there now; start it with `npm start`.');
  else browse(address);
}
