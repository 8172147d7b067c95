import { championAlias } from '../../contracts/names';
import { createRegistry } from '../../lib/registry/registry';
import { openStore } from '../../lib/storage/open-store';
import type { Console } from '../display/console';
import { percent } from '../display/format';
import { table } from '../display/table';
import { modelName } from '../model-name';
import { type Outside, type SettingFlags, environmentWith, settingsOf } from '../settings';

/** A model's versions, and which of them is the champion. */
export async function models(
  name: string | undefined,
  flags: SettingFlags & { readonly json?: boolean },
  outside: Outside,
  out: Console,
): Promise<void> {
  const settings = settingsOf(flags, outside);
  const model = name ?? (await modelName(settings, environmentWith(flags, outside.environment)));
  const registry = createRegistry(openStore(settings.store, { gcsEndpoint: settings.gcsEndpoint }));
  const [versions, alias] = await Promise.all([registry.list(model), registry.alias(model, championAlias)]);
  const champion = alias?.alias.version;
  if (flags.json === true) {
    out.say(JSON.stringify({ model, champion: champion ?? null, versions }, null, 2));
    return;
  }
  if (versions.length === 0) {
    out.say(`There are no versions of ${model} in ${settings.store}.`);
    return;
  }
  const [header, ...rows] = table(
    ['version', 'accuracy', 'pictures', 'registered', 'run', ''],
    versions.map(({ version, metrics, createdAt, lineage }) => [
      String(version),
      percent(metrics.accuracy),
      String(metrics.pictures),
      createdAt.slice(0, 16).replace('T', ' '),
      lineage.run,
      version === champion ? 'champion' : '',
    ]),
    new Set([0, 1, 2]),
  );
  out.say(out.colours.bold(model));
  out.say(out.colours.dim(header ?? ''));
  rows.forEach((row, at) => out.say(versions[at]?.version === champion ? out.colours.green(row) : row));
}
