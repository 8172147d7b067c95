import { championAlias } from '../../../contracts/names';
import type { Console } from '../../display/console';
import { minute } from '../../display/dataset';
import { percent } from '../../display/format';
import { table } from '../../display/table';
import type { Outside } from '../../settings';
import { openModels, type JsonFlags, type ModelPlace } from './place';

/** A model's versions, and which of them is the champion. */
export async function models(
  name: string | undefined,
  flags: JsonFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  const place = openModels(flags, outside);
  const model = name ?? (await place.defaultName());
  const found = await readModel(model, place);
  if (flags.json === true) {
    out.say(JSON.stringify(found, null, 2));
    return;
  }
  if (found.versions.length === 0) {
    out.say(`There are no versions of ${model} in ${place.settings.store}.`);
    return;
  }
  sayModel(found, out);
}

/** Every model's versions, or those of one. */
export async function listModels(
  name: string | undefined,
  flags: JsonFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  if (name !== undefined) return models(name, flags, outside, out);
  const place = openModels(flags, outside);
  const names = await place.registry.names();
  const found = await Promise.all(names.map((each) => readModel(each, place)));
  if (flags.json === true) {
    out.say(JSON.stringify(found, null, 2));
    return;
  }
  if (found.length === 0)
    out.say(`There are no models in ${place.settings.store}. Train one: npx drover run pipeline`);
  for (const [at, each] of found.entries()) {
    if (at > 0) out.say();
    sayModel(each, out);
  }
}

async function readModel(model: string, { registry }: ModelPlace) {
  const [versions, aliases] = await Promise.all([registry.list(model), registry.aliases(model)]);
  const standing = aliases.flatMap(({ alias }) => (alias.removed === true ? [] : [alias]));
  return {
    model,
    champion: standing.find(({ alias }) => alias === championAlias)?.version ?? null,
    aliases: Object.fromEntries(standing.map(({ alias, version }) => [alias, version])),
    versions,
  };
}

function sayModel(
  { model, champion, aliases, versions }: Awaited<ReturnType<typeof readModel>>,
  out: Console,
): void {
  const [header, ...rows] = table(
    ['version', 'accuracy', 'pictures', 'registered', 'run', ''],
    versions.map(({ version, metrics, createdAt, lineage }) => [
      String(version),
      percent(metrics.accuracy),
      String(metrics.pictures),
      minute(createdAt),
      lineage.run,
      Object.entries(aliases)
        .filter(([, named]) => named === version)
        .map(([alias]) => alias)
        .join(', '),
    ]),
    new Set([0, 1, 2]),
  );
  out.say(out.colours.bold(model));
  out.say(out.colours.dim(header ?? ''));
  rows.forEach((row, at) => out.say(versions[at]?.version === champion ? out.colours.green(row) : row));
}
