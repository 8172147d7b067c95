import { checkStore, type StoreReport } from '../../../lib/upkeep/check-store';
import { openStore } from '../../../lib/storage/open-store';
import { type Console, silent } from '../../display/console';
import { bytes } from '../../display/format';
import { Steps } from '../../display/steps';
import { table } from '../../display/table';
import { type Outside, type SettingFlags, settingsOf } from '../../settings';

export interface CheckFlags extends SettingFlags {
  readonly quick?: boolean;
  readonly json?: boolean;
}

/** More problems than these are counted; all of them are in what `--json` prints. */
const mostShown = 30;

/** Whether the store is well: exit code 1 where it is not. */
export async function check(
  flags: CheckFlags,
  outside: Outside,
  out: Console,
  signal: AbortSignal,
): Promise<void> {
  const settings = settingsOf(flags, outside);
  const store = openStore(settings.store, { gcsEndpoint: settings.gcsEndpoint });
  const steps = new Steps(flags.json === true ? silent(out) : out);
  const report = await checkStore(store, {
    quick: flags.quick === true,
    onProgress: (objects) => steps.report(`reading ${store.location}`, undefined, `${objects} objects`),
    signal,
  });
  steps.end();
  if (report.problems.length > 0) process.exitCode = 1;
  if (flags.json === true) out.say(JSON.stringify({ store: store.location, ...report }, null, 2));
  else say(report, out);
}

function say({ format, objects, bytes: size, refs, problems, notes }: StoreReport, out: Console): void {
  if (format === undefined) {
    out.say('The store is empty.');
    return;
  }
  out.say(`Format ${format}; ${objects} objects, ${bytes(size)}; ${refs} refs followed.`);
  for (const note of notes) out.say(out.colours.dim(note));
  if (problems.length === 0) {
    out.say(out.colours.green('All is well.'));
    return;
  }
  const shown = problems.slice(0, mostShown).map(({ kind, key, what }) => [kind, key, what]);
  out.say();
  for (const line of table(['problem', 'object', 'what'], shown)) out.say(line);
  if (problems.length > mostShown) out.say(`… and ${problems.length - mostShown} more (--json has all)`);
  out.say();
  out.say(
    out.colours.red(`${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}.`) +
      ' What is damaged or missing comes back from a backup (docs/guides/backup.md), or is made again by the workflow that made it.',
  );
}
