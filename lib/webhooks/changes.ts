import { setTimeout as sleep } from 'node:timers/promises';
import type { PromotionRecord } from '../../contracts/schemas/promotion';
import type { ModelVersion } from '../../contracts/schemas/registry';
import { toldSchema, type RegistryEvent, type Told } from '../../contracts/schemas/webhooks';
import { parsePromotionKey, promotionsPrefix } from '../promotion/keys';
import { readPromotion } from '../promotion/records';
import type { Registry } from '../registry/registry';
import { canonicalJson } from '../storage/canonical-json';
import { parseDocument } from '../storage/refs';
import type { Store } from '../storage/store';

const key = 'webhooks/told.json';
const longestWaitMs = 200;

type ToldModel = Told['models'][string];
const nothingTold: ToldModel = { versions: [], aliases: {}, promotions: {} };

/**
 * Hands over what has happened in the registry since the last time, each event at least once. What happened is read
 * from the registry's own documents, so nothing that a killed process did is lost, and nobody who moves an alias has to
 * think of telling. On the first look at a registry that was there before, what is past is past.
 *
 * @param hand - must take the same event more than once: a process may be killed before it is noted
 * @returns how many were handed over
 */
export async function handOver(
  store: Store,
  registry: Registry,
  hand: (event: RegistryEvent) => Promise<void>,
): Promise<number> {
  for (;;) {
    const found = await store.readVersioned(key);
    const told = found && parseDocument(found.bytes, toldSchema, key);
    const { events, now } = await changesSince(told, store, registry);
    if (told !== undefined) for (const event of events) await hand(event);
    if (told !== undefined && events.length === 0) return 0;
    const bytes = Buffer.from(canonicalJson(now));
    if ((await store.compareAndSwap(key, bytes, found?.generation)) !== undefined) {
      return told === undefined ? 0 : events.length;
    }
    await sleep(Math.random() * longestWaitMs);
  }
}

async function changesSince(
  told: Told | undefined,
  store: Store,
  registry: Registry,
): Promise<{ events: RegistryEvent[]; now: Told }> {
  const events: RegistryEvent[] = [];
  const models: Record<string, ToldModel> = {};
  for (const name of await registry.names()) {
    const before = told?.models[name] ?? nothingTold;
    const versions = await registry.numbers(name);
    const aliases = await registry.aliases(name);
    const promotions = await promotionsOf(store, name, before.promotions);
    // A version never changes, and a look is made every few seconds: only new ones are read.
    for (const version of versions.filter((number) => !before.versions.includes(number))) {
      events.push(versionEvent(await registry.get(name, version)));
    }
    events.push(
      ...aliases.flatMap(({ alias }) => aliasEvents(name, alias, before.aliases[alias.alias] ?? 0)),
      ...promotions.changed.flatMap((record) => promotionEvents(name, record, before.promotions[record.id])),
    );
    models[name] = {
      versions,
      aliases: Object.fromEntries(aliases.map(({ alias }) => [alias.alias, alias.history.length])),
      promotions: promotions.states,
    };
  }
  events.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  return { events, now: { models } };
}

function versionEvent({ name, version, createdAt, metrics, lineage }: ModelVersion): RegistryEvent {
  return {
    ...{ id: `${name}.version.${version}`, kind: 'version_registered', at: createdAt, model: name },
    ...{ version, by: lineage.pipeline ?? lineage.run, accuracy: metrics.accuracy },
  };
}

/** Promotions that are new, or waited when they were told last; one that was decided stays so, and is not read again. */
async function promotionsOf(
  store: Store,
  model: string,
  before: ToldModel['promotions'],
): Promise<{ changed: PromotionRecord[]; states: ToldModel['promotions'] }> {
  const changed: PromotionRecord[] = [];
  const states: Record<string, string> = {};
  for await (const key of store.list(promotionsPrefix(model))) {
    const id = parsePromotionKey(key);
    if (id === undefined) continue;
    const state = before[id];
    if (state !== undefined && !state.startsWith('waiting')) {
      states[id] = state;
      continue;
    }
    const record = await readPromotion(store, model, id);
    states[id] = noteOf(record);
    changed.push(record);
  }
  return { changed, states };
}

function aliasEvents(
  model: string,
  { alias, history }: Awaited<ReturnType<Registry['aliases']>>[number]['alias'],
  told: number,
): RegistryEvent[] {
  return history.slice(told).map(({ version, at, by, reason, removed, promotion }, index): RegistryEvent => {
    const step = told + index;
    const last = history[step - 1];
    const before = last?.removed === true || removed === true ? undefined : last?.version;
    return {
      ...{
        id: `${model}.alias.${alias}.${step + 1}`,
        kind: 'alias_moved',
        at,
        model,
        version,
        alias,
        by,
        reason,
      },
      ...(before !== undefined && { before }),
      ...(removed === true && { removed }),
      ...(promotion !== undefined && { promotion }),
    };
  });
}

/** Where the champion moves meanwhile, a person may be asked twice: each question is told. */
function noteOf({ state, startedAt, approval }: PromotionRecord): string {
  return state === 'waiting' ? `waiting@${approval?.since ?? startedAt}` : state;
}

/** Promotions that somebody has to know of: a promoted one is told by the alias that moves. */
function promotionEvents(model: string, record: PromotionRecord, told: string | undefined): RegistryEvent[] {
  if (noteOf(record) === told) return [];
  const { id, state, version, by, reason, startedAt, endedAt, approval } = record;
  const event = { model, version, by, reason, promotion: id };
  if (state === 'waiting') {
    const since = approval?.since ?? startedAt;
    return [
      {
        ...event,
        // An id has no colons.
        id: `${model}.promotion.${id}.waiting.${since.replaceAll(/[-:]/g, '')}`,
        kind: 'promotion_waiting',
        at: since,
        ...(approval && { deadline: approval.deadline }),
      },
    ];
  }
  if (state !== 'refused' && state !== 'rejected' && state !== 'expired') return [];
  const decidedBy = approval?.answer?.by ?? by;
  return [
    {
      ...event,
      ...{ id: `${model}.promotion.${id}.${state}`, kind: 'promotion_refused', by: decidedBy },
      at: endedAt ?? startedAt,
    },
  ];
}
