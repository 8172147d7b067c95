import type { ModelVersion } from '../../contracts/schemas/registry';
import type { PromotionRecord } from '../../contracts/schemas/promotion';
import { listPromotions } from '../../lib/promotion/records';
import type { VersionFacts } from '../../lib/registry/compare-versions';
import { createRegistry } from '../../lib/registry/registry';
import { timelineOf, type RegistryEvent } from '../../lib/registry/timeline';
import { readVersionFacts } from '../../lib/registry/version-facts';
import type { Store } from '../../lib/storage/store';
import { within } from '../within';

/** A model as the page shows it. */
export interface ModelView {
  readonly name: string;
  readonly versions: readonly ModelVersion[];
  /** By alias, those that stand. */
  readonly aliases: ReadonlyMap<string, number>;
  readonly events: readonly RegistryEvent[];
}

/** One of its versions, with all that is recorded of it. */
export interface VersionView extends VersionFacts {
  readonly model: ModelView;
  readonly card: string;
  readonly promotions: readonly PromotionRecord[];
}

export interface ModelReader {
  models(): Promise<readonly ModelView[]>;
  /** undefined where there is no such version. */
  version(name: string, version: number): Promise<VersionView | undefined>;
}

/** How long one look at the store serves everybody who asks, in milliseconds. */
const freshMs = 2_000;
/** How long a page waits for the store. */
const patienceMs = 8_000;

interface ReaderOptions {
  readonly store: Store;
  readonly patience?: number | undefined;
  /** How long one look serves, in milliseconds. */
  readonly fresh?: number;
}

/**
 * Reads the registry for people's pages: however many ask at once, the store is asked once, and nobody waits long for
 * one that does not answer.
 */
export function createModelReader({
  store,
  patience = patienceMs,
  fresh = freshMs,
}: ReaderOptions): ModelReader {
  const registry = createRegistry(store);
  const under = new Map<string, { at: number; work: Promise<unknown> }>();

  /** Joins whoever reads the same, or read it a moment ago. */
  function shared<T>(key: string, read: () => Promise<T>): Promise<T> {
    const now = Date.now();
    const known = under.get(key);
    // What has this key was put there by a read of this type.
    if (known !== undefined && now - known.at < fresh) return known.work as Promise<T>;
    for (const [other, { at }] of under) if (now - at >= patience) under.delete(other);
    const work = within(read(), patience);
    under.set(key, { at: now, work });
    work.catch(() => under.delete(key));
    return work;
  }

  async function readModel(name: string): Promise<ModelView> {
    const [versions, aliases] = await Promise.all([registry.list(name), registry.aliases(name)]);
    return {
      ...{ name, versions },
      aliases: new Map(
        aliases.flatMap(({ alias }) => (alias.removed === true ? [] : [[alias.alias, alias.version]])),
      ),
      events: timelineOf(versions, aliases),
    };
  }

  return {
    models: () =>
      shared('models', async () => Promise.all((await registry.names()).map((name) => readModel(name)))),
    version: (name, number) =>
      shared(`${name}@${number}`, async () => {
        const model = await readModel(name);
        const version = model.versions.find((each) => each.version === number);
        if (version === undefined) return undefined;
        const [facts, card, promotions] = await Promise.all([
          readVersionFacts(store, version),
          store.readVersioned(`models/${name}/versions/${number}/card.md`),
          listPromotions(store, name),
        ]);
        return {
          ...facts,
          model,
          card: card?.bytes.toString('utf8') ?? '',
          promotions: promotions.filter((promotion) => promotion.version === number),
        };
      }),
  };
}
