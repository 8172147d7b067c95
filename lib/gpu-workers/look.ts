import { stringify } from 'yaml';
import { Failure } from '../../contracts/failures';
import type { GpuWorkersResult } from '../../contracts/gpu-workers';
import {
  priceOf,
  type GpuJob,
  type GpuWorkersConfig,
  type GpuWorkersRecord,
} from '../../contracts/schemas/gpu-workers';
import type { Store } from '../storage/store';
import { costEver, costToday, shortened } from './costs';
import { decide, isLive, roomFor } from './decide';
import { detailsOf } from './details';
import { customJob } from './job';
import { reconcile, waiting, type RegionSight, type WorkersHeard } from './reconcile';
import { changeGpuWorkers, readGpuWorkers } from './records';
import { createVertexClient, type Place, type VertexClient, type VertexJob } from './vertex';
import { vertexFailure } from './vertex-failures';

/** An answer that is older than this is not acted on: the record may have moved on. See `settleMs`. */
const freshMs = 30_000;
/** Vertex AI lets no job live for longer than seven days. */
const sinceMs = 9 * 86_400_000;

export interface LookSurroundings {
  readonly store: Store;
  /** A fake of Google, in place of it. */
  readonly endpoint?: string | undefined;
  readonly client?: VertexClient;
  readonly now?: () => Date;
}

export interface Seen {
  /** Trainings that nobody has taken; undefined where Temporal does not say. */
  readonly backlog: number | undefined;
  readonly heard: WorkersHeard;
}

export type LookMode = 'look' | 'plan' | 'stop';

/**
 * One look at the queue and at Google's jobs, and what follows from it. Whatever it is killed in, the next one finds what there
 * is: a job is written down under its name before Google is asked for it, only the one who wrote it asks, once, and jobs are
 * found by their labels.
 *
 * Nothing that Google does or does not do makes it fail: it is said.
 */
export async function lookAfterGpuWorkers(
  config: GpuWorkersConfig,
  mode: LookMode,
  seen: Seen,
  surroundings: LookSurroundings,
): Promise<GpuWorkersResult> {
  const { store, now = () => new Date() } = surroundings;
  const client = surroundings.client ?? createVertexClient(surroundings.endpoint);
  // Stopping needs none.
  const placed = mode === 'stop' ? '' : storeOf(config, store);
  const { said: problems, sights } = await lookAtGoogle(client, config, await readGpuWorkers(store), now());
  const isWholeSeen = sights.every(({ jobs }) => jobs !== undefined);
  const hourly = dearest(config);

  const assess = (record: GpuWorkersRecord): GpuWorkersRecord =>
    shortened(
      reconcile({ ...record, stopped: mode === 'stop' || record.stopped }, sights, seen.heard, now(), config),
      now(),
    );
  const decided = (record: GpuWorkersRecord) =>
    decide(config, hourly, { backlog: seen.backlog, record, isWholeSeen, now: now() });

  if (mode === 'plan') {
    const record = assess(await readGpuWorkers(store));
    const { start, stop, said } = decided(record);
    const next = regionsOpen(config, record, now());
    const plan = {
      start: Array.from({ length: next.length === 0 ? 0 : start }, (_, at) => ({
        region: next[0],
        ...customJob(config, nameOf(config, record.number + 1 + at, now()), placed),
      })),
      stop,
    };
    const all = [...problems, ...said, ...waitsSaid(config, record, now())];
    return resultOf(record, config, {
      backlog: seen.backlog,
      said: all,
      plan: planText(config, plan, hourly),
      now: now(),
    });
  }

  const said = [...problems];
  const stopped: string[] = [];
  let start = 0;
  let record = await changeGpuWorkers(store, (before) => {
    const assessed = assess(before);
    const decision = decided(assessed);
    start = mode === 'stop' ? 0 : decision.start;
    said.splice(problems.length, said.length, ...decision.said);
    const stop = new Map(decision.stop.map(({ name, why }) => [name, why]));
    stopped.splice(0, stopped.length);
    const jobs = assessed.jobs.map((job): GpuJob => {
      const why = mode === 'stop' ? 'stopped by hand' : stop.get(job.name);
      if (why === undefined || !isLive(job) || job.state === 'stopping') return job;
      stopped.push(job.name);
      return { ...job, state: 'stopping', note: why };
    });
    return { ...assessed, jobs };
  });
  for (const name of stopped) {
    const note = record.jobs.find((job) => job.name === name)?.note ?? '';
    said.push(`${name} is stopped: ${note}.`);
  }
  said.push(...(await cancelAll(client, record)));

  const started: string[] = [];
  for (let count = 0; count < start; count += 1) {
    const one = await startOne({ client, config, placed, store, now });
    said.push(...one.said);
    if (one.name === undefined) break;
    started.push(one.name);
  }
  record = await changeGpuWorkers(store, (before) => {
    const all = [...said, ...waitsSaid(config, before, now())];
    return { ...before, said: all, lookedAt: now().toISOString() };
  });
  return resultOf(record, config, {
    ...{ backlog: seen.backlog, said: record.said, started, stopped, now: now() },
  });
}

/** Every region that may hold a job: those of the configuration, and those of the jobs that are not known to have ended. */
async function lookAtGoogle(
  client: VertexClient,
  config: GpuWorkersConfig,
  record: GpuWorkersRecord,
  now: Date,
): Promise<{ sights: RegionSight[]; said: string[] }> {
  const places = new Map<string, Place & { pool: string }>();
  const add = (project: string, region: string, pool: string): void =>
    void places.set(`${project} ${region} ${pool}`, { project, region, pool });
  for (const region of config.vertex.regions) add(config.vertex.project, region, config.name);
  for (const { project, region, pool } of record.jobs.filter(isLive)) add(project, region, pool);
  const said: string[] = [];
  const since = new Date(now.getTime() - sinceMs);
  const sights = await Promise.all(
    [...places.values()].map(async (place): Promise<RegionSight> => {
      try {
        const jobs = await client.list(place, place.pool, since);
        return { ...place, jobs: [...jobs, ...(await unlisted(client, place, jobs, record))] };
      } catch (error) {
        said.push(sentence(vertexFailure('list its jobs', place.region, error).message));
        return { ...place, jobs: undefined };
      }
    }),
  );
  return { sights, said };
}

/** A list may lag: what is known by its name is asked for by it. */
async function unlisted(
  client: VertexClient,
  place: Place & { pool: string },
  listed: readonly VertexJob[],
  record: GpuWorkersRecord,
): Promise<VertexJob[]> {
  const names = new Set(listed.map(({ name }) => name));
  const found: VertexJob[] = [];
  for (const entry of record.jobs.filter(isLive)) {
    if (entry.job === undefined || names.has(entry.job)) continue;
    if (entry.region !== place.region || entry.project !== place.project || entry.pool !== place.pool)
      continue;
    const job = await client.get(place, entry.job);
    if (job !== undefined) found.push(job);
  }
  return found;
}

/** Asks again at every look, until Google says that they have ended. */
async function cancelAll(client: VertexClient, { jobs }: GpuWorkersRecord): Promise<string[]> {
  const said: string[] = [];
  for (const { state, job, project, region } of jobs) {
    if (state !== 'stopping' || job === undefined) continue;
    try {
      await client.cancel({ project, region }, job);
    } catch (error) {
      said.push(sentence(vertexFailure('cancel a job', region, error).message));
    }
  }
  return said;
}

interface Starting {
  readonly client: VertexClient;
  readonly config: GpuWorkersConfig;
  readonly placed: string;
  readonly store: Store;
  readonly now: () => Date;
}

/** One job in the first region that has room for it. */
async function startOne({
  client,
  config,
  placed,
  store,
  now,
}: Starting): Promise<{ name?: string; said: string[] }> {
  const said: string[] = [];
  const { project } = config.vertex;
  for (const region of config.vertex.regions) {
    let asked: GpuJob | undefined;
    // Written first, and counted from then on: whoever else looks sees it, and no second one asks under its name.
    await changeGpuWorkers(store, (before) => {
      asked = newJob(config, before, region, now());
      return asked === undefined
        ? before
        : { ...before, number: before.number + 1, jobs: [...before.jobs, asked] };
    });
    if (asked === undefined) continue;
    const { name, askedAt } = asked;
    try {
      if (now().getTime() - Date.parse(askedAt) > freshMs) {
        return { said: [...said, `${name} was not asked for: writing it down took too long.`] };
      }
      const { name: job } = await client.create({ project, region }, customJob(config, name, placed));
      await changeGpuWorkers(store, (before) => ({
        ...before,
        jobs: before.jobs.map((each) =>
          each.name === name
            ? { ...each, job, state: each.state === 'asked' ? 'starting' : each.state }
            : each,
        ),
      }));
      said.push(`${name} was asked for in ${region}.`);
      return { name, said };
    } catch (error) {
      if (error instanceof Failure) throw error;
      const failure = vertexFailure('make a job', region, error);
      said.push(sentence(failure.message));
      if (failure.kind === 'unknown') {
        said.push(`Whether ${name} was made, the next looks will see; until then it counts.`);
        return { said };
      }
      // Nothing was made.
      await changeGpuWorkers(store, (before) => ({
        ...before,
        jobs: before.jobs.filter((each) => each.name !== name),
        waits: waiting(before.waits, region, failure.message, now(), config.retry_region_after),
      }));
    }
  }
  return { said };
}

/** Undefined where by now it may not be started. */
function newJob(
  config: GpuWorkersConfig,
  record: GpuWorkersRecord,
  region: string,
  now: Date,
): GpuJob | undefined {
  const { vertex, prices, name: pool } = config;
  const hourly = priceOf(config, region);
  if (hourly === undefined || record.stopped || !isOpen(record, region, now)) return undefined;
  const { byCount, byMoney } = roomFor(record, config, hourly, now);
  if (byCount < 1 || byMoney < 1) return undefined;
  return {
    ...{ name: nameOf(config, record.number + 1, now), pool, project: vertex.project, region },
    ...{ state: 'asked', askedAt: now.toISOString(), slots: vertex.accelerators, spot: vertex.spot },
    ...{ hourly, currency: prices.currency },
  };
}

/** Never given twice, not even where the record was lost: the time is in it. */
function nameOf({ name }: GpuWorkersConfig, number: number, now: Date): string {
  return `${name}-${number}-${Math.floor(now.getTime() / 1000).toString(36)}`;
}

function isOpen({ waits }: GpuWorkersRecord, region: string, now: Date): boolean {
  const wait = waits[region];
  return wait === undefined || Date.parse(wait.until) <= now.getTime();
}

function regionsOpen({ vertex }: GpuWorkersConfig, record: GpuWorkersRecord, now: Date): string[] {
  return vertex.regions.filter((region) => isOpen(record, region, now));
}

function waitsSaid({ vertex }: GpuWorkersConfig, record: GpuWorkersRecord, now: Date): string[] {
  return vertex.regions.flatMap((region) => {
    const wait = record.waits[region];
    return wait === undefined || isOpen(record, region, now)
      ? []
      : [
          sentence(
            `${region} is not asked before ${wait.until.slice(0, 16).replace('T', ' ')} UTC: ${wait.why}`,
          ),
        ];
  });
}

/** What an hour costs at most, whichever region takes the next job. */
function dearest(config: GpuWorkersConfig): number {
  return Math.max(...config.vertex.regions.map((region) => priceOf(config, region) ?? 0));
}

/** @throws Failure `configuration-invalid` where a job could not reach the store */
function storeOf({ worker }: GpuWorkersConfig, { location }: Store): string {
  const store = worker.store ?? location;
  if (store.startsWith('gs://')) return store;
  throw new Failure(
    'configuration-invalid',
    "configs/gpu-workers.yaml: worker.store is left out, and the store here is a folder, which no job reaches. Set it to the bucket's " +
      'gs://bucket/prefix that DROVER_STORE names for every other worker too (docs/guides/gpu-on-demand.md).',
  );
}

function planText(
  { prices, vertex }: GpuWorkersConfig,
  plan: { start: readonly unknown[]; stop: readonly unknown[] },
  hourly: number,
): string {
  const costs = (plan.start.length * hourly).toFixed(2);
  return (
    `# An estimate: ${costs} ${prices.currency} an hour more, ${vertex.spot ? 'spot' : 'on demand'}, ` +
    `by prices of ${prices.dated} (${prices.source})\n${stringify(plan)}`
  );
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

interface Outcome {
  readonly backlog: number | undefined;
  readonly said: readonly string[];
  readonly started?: readonly string[];
  readonly stopped?: readonly string[];
  readonly plan?: string;
  readonly now: Date;
}

function resultOf(
  record: GpuWorkersRecord,
  { prices: { currency } }: GpuWorkersConfig,
  { backlog, said, started = [], stopped = [], plan, now }: Outcome,
): GpuWorkersResult {
  const spent = { today: costToday(record.jobs, now), ever: costEver(record, now), currency };
  return {
    backlog: backlog ?? 0,
    live: record.jobs.filter(isLive).length,
    ...{ started, stopped, said, spent },
    ...(plan !== undefined && { plan }),
    details: detailsOf(record, said, spent, now),
  };
}
