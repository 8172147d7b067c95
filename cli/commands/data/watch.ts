import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Failure } from '../../../contracts/failures';
import type { WatchInput } from '../../../contracts/inputs';
import { watchId } from '../../../contracts/names';
import type { Settings } from '../../../contracts/schemas/settings';
import { resolveConfiguration } from '../../../lib/configuration/resolve';
import { openStore } from '../../../lib/storage/open-store';
import type { Console } from '../../display/console';
import { table } from '../../display/table';
import { modelName } from '../../model-name';
import { type Outside, type SettingFlags, addresses, environmentWith, settingsOf } from '../../settings';
import { readTyped, type TypedInput } from '../../start-input';
import { connect, withClient } from '../../temporal/connect';
import type { Rhythm } from '../../temporal/put-schedule';
import { changeWatch, listWatches, putWatch, type Watch } from '../../temporal/schedules';

export interface WatchFlags extends SettingFlags {
  readonly every?: string;
  readonly cron?: string;
  readonly settle?: string;
  readonly now?: boolean;
  readonly pause?: boolean;
  readonly resume?: boolean;
  readonly remove?: boolean;
  readonly json?: boolean;
}

const changes = ['now', 'pause', 'resume', 'remove'] as const;

const said = {
  now: 'is looked at now',
  pause: 'is no longer looked at, until: npx drover data watch --resume',
  resume: 'is looked at again',
  remove: 'is no longer watched',
} as const;

/**
 * Has a pipeline's source looked at on a Temporal Schedule; without a rhythm or a change, lists what is watched.
 *
 * @param words - a pipeline's configuration at most, and `key=value` changes: what is started when its source changes
 * @throws Failure `start-refused` for flags that do not go together; `not-found` for a change of nothing; `configuration-invalid` for
 *   what no look could start with
 */
export async function watch(
  words: readonly string[],
  flags: WatchFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  const settings = settingsOf(flags, outside);
  const typed = readTyped(words);
  const rhythm = rhythmOf(flags);
  const asked = changes.filter((change) => flags[change] === true);
  if (asked.length + (rhythm ? 1 : 0) > 1 && !(rhythm && asked.length === 1 && flags.now === true)) {
    throw new Failure('start-refused', 'Give one of --every, --cron, --now, --pause, --resume, --remove.');
  }
  if (rhythm) await requireConfiguration(typed, settings, outside);
  const name = await modelName(settings, environmentWith(flags, outside.environment), typed.overrides);
  const say = (line: string): void => (flags.json === true ? undefined : out.say(line));
  await withClient(await connect(settings), async (client) => {
    const done: string[] = [];
    if (rhythm) {
      const input: WatchInput = { ...typed, ...settleOf(flags) };
      const made = await putWatch(client, name, input, rhythm);
      done.push(made);
      const when = 'cron' in rhythm ? `by cron ${rhythm.cron} (UTC)` : `every ${rhythm.every}`;
      say(`${made === 'made' ? 'Watching' : 'Still watching, changed:'} the source of ${name}, ${when}.`);
      const { ui } = addresses(settings);
      if (ui !== undefined) {
        say(out.colours.dim(`${ui}/namespaces/${settings.temporal.namespace}/schedules/${watchId(name)}`));
      }
    }
    for (const change of asked) {
      await changeWatch(client, name, change);
      done.push(change);
      say(`The source of ${name} ${said[change]}.`);
    }
    if (done.length > 0) {
      const changed = { dataset: name, schedule: watchId(name), done, ...rhythm };
      if (flags.json === true) out.say(JSON.stringify(changed, null, 2));
      return;
    }
    const watches = await listWatches(client);
    if (flags.json === true) out.say(JSON.stringify(watches, null, 2));
    else sayWatches(watches, out);
  });
}

/** A wrong configuration is said at once, and not by every look from now on. */
async function requireConfiguration(
  { config, overrides }: TypedInput,
  { project, store, gcsEndpoint }: Settings,
  outside: Outside,
): Promise<void> {
  const defaultConfigs = join(dirname(dirname(await realpath(outside.program))), 'configs');
  await resolveConfiguration(
    'pipeline',
    config === undefined && overrides.length === 0
      ? undefined
      : { ...(config !== undefined && { config }), overrides },
    { project, store: openStore(store, { gcsEndpoint }), defaultConfigs },
  );
}

function rhythmOf({ every, cron }: WatchFlags): Rhythm | undefined {
  if (every !== undefined && cron !== undefined) {
    throw new Failure('start-refused', 'Give --every or --cron, not both.');
  }
  if (every !== undefined) return { every };
  return cron === undefined ? undefined : { cron };
}

function settleOf({ settle }: WatchFlags): Pick<WatchInput, 'settle'> {
  if (settle === undefined) return {};
  const seconds = Number(settle);
  if (settle.trim() !== '' && seconds >= 0 && seconds <= 86_400) return { settle: seconds };
  throw new Failure('start-refused', '--settle takes seconds, 0 to 86400.');
}

function sayWatches(watches: readonly Watch[], out: Console): void {
  if (watches.length === 0) {
    out.say('No source is watched. Begin with: npx drover data watch --every 10m');
    return;
  }
  const time = (date: Date | undefined): string => date?.toISOString().slice(0, 16).replace('T', ' ') ?? '';
  const [header, ...rows] = table(
    ['dataset', 'looks', 'last', 'next', ''],
    watches.map(({ name, rhythm, last, next, paused }) => [
      name,
      rhythm,
      time(last),
      paused ? '' : time(next),
      paused ? 'paused' : '',
    ]),
  );
  out.say(out.colours.dim(header ?? ''));
  for (const row of rows) out.say(row);
}
