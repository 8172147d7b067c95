import { doctor as examine } from '../../native/doctor';
import type { Console } from '../display/console';
import { pad } from '../display/format';
import { type Outside, type SettingFlags, settingsOf } from '../settings';

/** What this machine has and lacks, each with what mends it; the exit code says whether anything is amiss. */
export async function doctor(flags: SettingFlags, outside: Outside, out: Console): Promise<void> {
  const checks = await examine(settingsOf(flags, outside));
  const { green, red, yellow } = out.colours;
  const width = Math.max(...checks.map(({ name }) => name.length));
  for (const { name, ok, comes = false, found, advice } of checks) {
    const mark = ok ? green('✓') : comes ? yellow('○') : red('✗');
    out.say(`${mark} ${pad(name, width)}  ${found}`);
    if (advice !== undefined) out.say(`  ${pad('', width)}  ${ok ? advice : yellow(advice)}`);
  }
  const amiss = checks.filter(({ ok, comes = false }) => !ok && !comes).length;
  out.say();
  const isWhole = checks.every(({ ok }) => ok);
  const well = isWhole ? 'All is well.' : 'Nothing to do: npm start brings what is marked ○.';
  out.say(amiss === 0 ? green(well) : yellow(`${amiss} of ${checks.length} to look at.`));
  if (amiss > 0) process.exitCode = 1;
}
