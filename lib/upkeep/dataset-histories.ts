import { storeUri } from '../../contracts/refs';
import type { DatasetVersionEntry } from '../../contracts/schemas/dataset';
import { pipelineConfigSchema } from '../../contracts/schemas/pipeline';
import { readHistory, recordEarlierVersions } from '../data/history';
import { classesOf, datasetFolder, readManifest } from '../data/manifest';
import { listModels, listVersions } from '../registry/versions';
import type { Store } from '../storage/store';
import type { Migration, MigrationStep } from './migration';

const unknownSource = 'not recorded by version 0.1.0';

/**
 * Version 0.1.0 kept no list of a dataset's versions, so `drover data` would show none of them. They are found again by their manifests,
 * in the order in which models were first made of them; those of which none was, before.
 */
export const datasetHistories: Migration = {
  from: 0,
  async plan(store) {
    const firstModels = await firstModelsOf(store);
    const sources = await sourcesOf(store);
    return [...(await unlisted(store))].map(([name, versions]): MigrationStep => {
      const ages = versions.map((version) => ({ version, at: firstModels.get(version) ?? '' }));
      ages.sort((a, b) => (a.at === b.at ? (a.version < b.version ? -1 : 1) : a.at < b.at ? -1 : 1));
      return {
        what: `dataset ${name}: ${versions.map((version) => version.slice(0, 12)).join(', ')} listed`,
        run: async (now) => {
          const source = sources.get(name) ?? unknownSource;
          const entries: DatasetVersionEntry[] = [];
          for (const { version, at } of ages) {
            const entry = await entryOf(store, name, version, source);
            entries.push({ ...entry, at: at === '' ? now.toISOString() : at });
          }
          await recordEarlierVersions(store, name, entries);
        },
      };
    });
  },
};

/** The versions of each dataset that its history does not name, where there are any. */
async function unlisted(store: Store): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for await (const key of store.list('datasets/')) {
    const [, name, version] = /^datasets\/([^/]+)\/([0-9a-f]{64})\/manifest\.jsonl$/.exec(key) ?? [];
    if (name !== undefined && version !== undefined)
      found.set(name, [...(found.get(name) ?? []), version].sort());
  }
  for (const [name, versions] of found) {
    const listed = new Set((await readHistory(store, name)).map(({ version }) => version));
    const rest = versions.filter((version) => !listed.has(version));
    if (rest.length > 0) found.set(name, rest);
    else found.delete(name);
  }
  return found;
}

/** When the first model of a dataset version was registered, by the version. */
async function firstModelsOf(store: Store): Promise<Map<string, string>> {
  const first = new Map<string, string>();
  for (const model of await listModels(store)) {
    for (const { lineage, createdAt } of await listVersions(store, model)) {
      const known = first.get(lineage.manifest.sha256);
      if (known === undefined || createdAt < known) first.set(lineage.manifest.sha256, createdAt);
    }
  }
  return first;
}

/** Where each dataset came from, by the pipelines' configurations, where they agree. */
async function sourcesOf(store: Store): Promise<Map<string, string>> {
  const found = new Map<string, Set<string>>();
  for await (const key of store.list('configs/pipeline/')) {
    const config = pipelineConfigSchema.safeParse(JSON.parse((await store.read(key)).toString('utf8')));
    if (!config.success) continue;
    const { name, source } = config.data;
    found.set(name, (found.get(name) ?? new Set()).add(source.uri));
  }
  const agreed = new Map<string, string>();
  for (const [name, uris] of found) {
    const [uri] = uris;
    if (uri !== undefined && uris.size === 1) agreed.set(name, uri);
  }
  return agreed;
}

async function entryOf(
  store: Store,
  name: string,
  version: string,
  source: string,
): Promise<Omit<DatasetVersionEntry, 'at'>> {
  const folder = datasetFolder(name, version);
  const manifest = { uri: storeUri(`${folder}/manifest.jsonl`), sha256: version };
  const pictures = await readManifest(store, manifest);
  const rejected = await store.readVersioned(`${folder}/rejected.jsonl`);
  const dropped =
    rejected?.bytes
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '').length ?? 0;
  const classes = classesOf(pictures).length;
  return { version, manifest, source, pictures: pictures.length, classes, dropped };
}
