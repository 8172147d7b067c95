import { resolve } from 'node:path';
import { Failure } from '../../../contracts/failures';
import { exportVersion } from '../../../lib/data/export';
import { layouts } from '../../../lib/data/export/names';
import { shortVersion } from '../../../lib/data/versions';
import { type Console, silent } from '../../display/console';
import { count, counted, plainText } from '../../display/dataset';
import { shellWord } from '../../display/format';
import { Steps } from '../../display/steps';
import type { Outside, SettingFlags } from '../../settings';
import { openData, wishedVersion } from './wished-version';

export interface ExportFlags extends SettingFlags {
  readonly layout?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

const mostNamed = 5;

/** Puts a dataset version into a plain folder. */
export async function exportData(
  wished: string,
  given: string,
  flags: ExportFlags,
  outside: Outside,
  out: Console,
  signal: AbortSignal,
): Promise<void> {
  const layout = layouts.find((known) => known === (flags.layout ?? 'split'));
  if (layout === undefined) {
    throw new Failure('start-refused', `--layout takes one of ${layouts.join(', ')}.`);
  }
  const data = openData(flags, outside);
  const { name, entry } = await wishedVersion(wished, data);
  const folder = resolve(outside.folder, given);
  const steps = new Steps(flags.json === true ? silent(out) : out);
  const result = await exportVersion({
    ...{ store: data.store, name, manifest: entry.manifest, folder, layout, signal },
    force: flags.force === true,
    onProgress: (progress) => steps.report('export', progress),
  }).finally(() => steps.end());
  if (flags.json === true) {
    out.say(JSON.stringify({ name, version: entry.version, folder, layout, ...result }, null, 2));
    return;
  }
  const there = result.pictures - result.written;
  out.say(
    `${out.colours.bold(`${name}@${shortVersion(entry.version)}`)} is in ${folder}: ` +
      `${counted(result.pictures, 'picture')}${there > 0 ? `, ${count(there)} of them there already` : ''}.`,
  );
  if (result.removed > 0) out.say(`Removed ${counted(result.removed, 'picture')} of the earlier export.`);
  if (result.changed.length > 0) {
    const named = result.changed.slice(0, mostNamed).map((path) => shellWord(plainText(path)));
    const more = result.changed.length - named.length;
    out.say(
      out.colours.yellow(
        `Changed since the earlier export, so not removed: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`,
      ),
    );
  }
}
