import { championAlias } from '../../../contracts/names';
import type { ModelVersion } from '../../../contracts/schemas/registry';
import { lineageOf, type Lineage } from '../../../lib/data/lineage';
import { shortVersion } from '../../../lib/data/versions';
import { createRegistry, type Registry } from '../../../lib/registry/registry';
import type { Console } from '../../display/console';
import { counted, minute, plainText } from '../../display/dataset';
import { type Colours, percent } from '../../display/format';
import { type Branch, treeLines } from '../../display/tree';
import type { Outside, SettingFlags } from '../../settings';
import { openData, wishedVersion } from './wished-version';

const mostEarlier = 5;
const mostRuns = 5;

/** Where a dataset version comes from, and what was made of it, as a tree. */
export async function lineage(
  wished: string | undefined,
  flags: SettingFlags & { readonly json?: boolean },
  outside: Outside,
  out: Console,
): Promise<void> {
  const data = openData(flags, outside);
  const { name, entry } = await wishedVersion(wished, data);
  const registry = createRegistry(data.store);
  const found = await lineageOf(data.store, name, entry, await registeredModels(registry));
  const champions = await championsOf(registry, found.models);
  const isChampion = ({ name, version }: ModelVersion): boolean => champions.get(name) === version;
  if (flags.json === true) {
    const { models, ...rest } = found;
    out.say(
      JSON.stringify(
        { ...rest, models: models.map((model) => ({ ...model, champion: isChampion(model) })) },
        null,
        2,
      ),
    );
    return;
  }
  for (const line of treeLines(treeOf(found, isChampion, out.colours))) out.say(line);
}

/** Every version of every registered model. */
export async function registeredModels(registry: Registry): Promise<ModelVersion[]> {
  const names = await registry.names();
  return (await Promise.all(names.map((name) => registry.list(name)))).flat();
}

async function championsOf(
  registry: Registry,
  models: readonly ModelVersion[],
): Promise<ReadonlyMap<string, number>> {
  const champions = new Map<string, number>();
  for (const name of new Set(models.map((model) => model.name))) {
    const alias = await registry.alias(name, championAlias);
    if (alias) champions.set(name, alias.alias.version);
  }
  return champions;
}

function treeOf(
  { name, entry, earlier, prepared, models }: Lineage,
  isChampion: (model: ModelVersion) => boolean,
  { bold, dim, green }: Colours,
): Branch {
  const modelBranch = (model: ModelVersion): Branch => {
    const text = `model     ${model.name} version ${model.version}  ${percent(model.metrics.accuracy)}`;
    return { text: isChampion(model) ? green(`${text}  champion`) : text };
  };
  const placed = new Set<ModelVersion>();
  const sets = prepared.map(({ prepared, preprocessing, pictures, runs }): Branch => {
    const of = models.filter(({ lineage }) => lineage.prepared.uri === prepared.uri);
    for (const model of of) placed.add(model);
    const { size, color } = preprocessing;
    const more =
      runs.length > mostRuns ? [{ text: dim(`… and ${counted(runs.length - mostRuns, 'run')} more`) }] : [];
    return {
      text: `prepared  ${size} × ${size} ${color}, ${counted(pictures, 'picture')}  ${dim(prepared.uri)}`,
      branches: [
        ...runs.slice(0, mostRuns).map((run) => ({ text: `run       ${run}` })),
        ...more,
        ...of.map(modelBranch),
      ],
    };
  });
  const before = earlier.slice(0, mostEarlier).map(({ version, at, pictures, source }) => ({
    text: `before    ${shortVersion(version)}  ${minute(at)}  ${counted(pictures, 'picture')} from ${plainText(source)}`,
  }));
  const older = earlier.length - before.length;
  return {
    text: `${bold(`${name}@${shortVersion(entry.version)}`)}  ${minute(entry.at)}  ${counted(entry.pictures, 'picture')}`,
    branches: [
      { text: `source    ${plainText(entry.source)}` },
      ...before,
      ...(older > 0 ? [{ text: dim(`… and ${counted(older, 'version')} before`) }] : []),
      ...sets,
      ...models.filter((model) => !placed.has(model)).map(modelBranch),
      ...(sets.length === 0 && models.length === 0 ? [{ text: dim('nothing was made of it yet') }] : []),
    ],
  };
}
