import type { GpuJob, GpuWorkersConfig, GpuWorkersRecord } from '../../contracts/schemas/gpu-workers';
import { waitMilliseconds } from '../../contracts/waits';
import type { VertexJob } from './vertex';
import { firstLine, lackedRoom } from './vertex-failures';

/**
 * Until so long after a job was asked for, one that is not in Google's list may still come to be there: the call's own limit,
 * and what the list may lag behind.
 */
export const settleMs = 120_000;

/** Between two looks, or twice `every` where that is longer; after more, workers are given time to be heard again. */
const longestGapMs = 300_000;

/** What was seen of a pool in one region. */
export interface RegionSight {
  readonly project: string;
  readonly region: string;
  readonly pool: string;
  /** Undefined where Google did not say. */
  readonly jobs: readonly VertexJob[] | undefined;
}

/** By workers' names: when each was last heard of, in milliseconds. */
export type WorkersHeard = ReadonlyMap<string, number>;

const over = new Set([
  'JOB_STATE_SUCCEEDED',
  'JOB_STATE_FAILED',
  'JOB_STATE_CANCELLED',
  'JOB_STATE_EXPIRED',
  'JOB_STATE_PARTIALLY_SUCCEEDED',
]);

/**
 * The record as Google's lists and the workers' heartbeats have it: what was asked for and is there is taken as ours; what is
 * there and nobody wants is to be stopped; what never came to be is ended. Pure, and the same when done twice.
 */
export function reconcile(
  record: GpuWorkersRecord,
  sights: readonly RegionSight[],
  heard: WorkersHeard,
  now: Date,
  { every, retry_region_after }: Pick<GpuWorkersConfig, 'every' | 'retry_region_after'>,
): GpuWorkersRecord {
  const listed = new Map<string, { job: VertexJob; sight: RegionSight }>();
  const doubles: { job: VertexJob; sight: RegionSight; name: string }[] = [];
  for (const sight of sights) {
    for (const job of sight.jobs ?? []) {
      const label = job.labels['drover_worker'] ?? numberOf(job);
      const known = record.jobs.find(({ name }) => name === label);
      const isOther =
        (known?.job ?? job.name) !== job.name || (known?.region ?? sight.region) !== sight.region;
      if (isOther || listed.has(label)) doubles.push({ job, sight, name: `${label}-${numberOf(job)}` });
      else listed.set(label, { job, sight });
    }
  }
  for (const { job, sight, name } of doubles) listed.set(name, { job, sight });

  // Where nobody looked for a while, as when Temporal was away, no worker could be heard: their silence begins now.
  const lookedAt = record.lookedAt === undefined ? 0 : Date.parse(record.lookedAt);
  const isBack = now.getTime() - lookedAt > Math.max(longestGapMs, 2 * waitMilliseconds(every));
  let waits = record.waits;
  const jobs = record.jobs.map((entry): GpuJob => {
    const found = listed.get(entry.name);
    listed.delete(entry.name);
    if (found === undefined) return missing(entry, sights, now);
    const heardAt = heard.get(entry.name);
    const told = isBack && entry.workerSince !== undefined ? now.getTime() : heardAt;
    const next = updated(entry, found.job, told, now);
    if (next.state === 'ended' && entry.state !== 'ended' && entry.state !== 'stopping') {
      // A worker that came shows that the region does; one that never did must not be followed at once by the next.
      if (next.workerSince === undefined) {
        waits = waiting(waits, entry.region, next.note ?? '', now, retry_region_after);
      }
    }
    if (next.state === 'working') waits = without(waits, entry.region);
    return next;
  });
  for (const [name, { job, sight }] of listed) {
    if (!over.has(job.state)) jobs.push(orphan(name, job, sight, record, now));
  }
  return { ...record, jobs, waits };
}

function updated(entry: GpuJob, job: VertexJob, heardAt: number | undefined, now: Date): GpuJob {
  const seen = heardAt === undefined ? undefined : new Date(heardAt).toISOString();
  const next: GpuJob = {
    ...entry,
    job: job.name,
    ...(job.startTime !== undefined && { startedAt: isoOf(job.startTime) }),
    ...(seen !== undefined && { workerSince: entry.workerSince ?? seen, workerSeen: seen }),
  };
  if (over.has(job.state)) {
    const note = entry.note ?? endNote(job);
    return {
      ...next,
      state: 'ended',
      endedAt: job.endTime === undefined ? (entry.endedAt ?? now.toISOString()) : isoOf(job.endTime),
      note,
    };
  }
  if (entry.state === 'ended') {
    // Taken for never made, and there after all.
    const { endedAt: _, ...alive } = next;
    return { ...alive, state: 'stopping', note: 'nobody wants it any more' };
  }
  if (entry.state === 'stopping') return next;
  return { ...next, state: next.workerSince === undefined ? 'starting' : 'working' };
}

function missing(entry: GpuJob, sights: readonly RegionSight[], now: Date): GpuJob {
  if (entry.state === 'ended') return entry;
  const sight = sights.find(
    ({ region, project, pool }) =>
      region === entry.region && project === entry.project && pool === entry.pool,
  );
  if (sight?.jobs === undefined) return entry;
  if (now.getTime() - Date.parse(entry.askedAt) < settleMs) return entry;
  const note = entry.job === undefined ? 'Google never made it' : 'it is gone at Google';
  return { ...entry, state: 'ended', endedAt: now.toISOString(), note: entry.note ?? note };
}

/** It is listed so that it is stopped, and its cost counted: at the dearest price that is known. */
function orphan(
  name: string,
  job: VertexJob,
  { project, region, pool }: RegionSight,
  { jobs }: GpuWorkersRecord,
  now: Date,
): GpuJob {
  const dearest = [...jobs].sort((a, b) => b.hourly - a.hourly)[0];
  return {
    ...{ name, pool, project, region, state: 'stopping', job: job.name },
    askedAt: job.createTime === undefined ? now.toISOString() : isoOf(job.createTime),
    slots: 1,
    spot: dearest?.spot ?? false,
    hourly: dearest?.hourly ?? 1,
    currency: dearest?.currency ?? 'USD',
    ...(job.startTime !== undefined && { startedAt: isoOf(job.startTime) }),
    note: 'found at Google, and nothing is written of it here',
  };
}

function endNote({ state, error }: VertexJob): string {
  if (state === 'JOB_STATE_SUCCEEDED') return 'it ended by itself';
  if (lackedRoom(error)) return `no room: ${firstLine(error?.message ?? '')}`;
  const word = state.replace('JOB_STATE_', '').toLowerCase();
  return error === undefined ? word : `${word}: ${firstLine(error.message)}`;
}

const longestWaitMs = 2 * 3_600_000;

/** Twice as long each time that it fails. */
export function waiting(
  waits: GpuWorkersRecord['waits'],
  region: string,
  why: string,
  now: Date,
  retryAfter: GpuWorkersConfig['retry_region_after'],
): GpuWorkersRecord['waits'] {
  const failures = (waits[region]?.failures ?? 0) + 1;
  const wait = Math.min(waitMilliseconds(retryAfter) * 2 ** Math.min(failures - 1, 20), longestWaitMs);
  return { ...waits, [region]: { until: new Date(now.getTime() + wait).toISOString(), failures, why } };
}

function without(waits: GpuWorkersRecord['waits'], region: string): GpuWorkersRecord['waits'] {
  return Object.fromEntries(Object.entries(waits).filter(([each]) => each !== region));
}

function numberOf({ name }: VertexJob): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** Google's times have up to nine places after the second. */
function isoOf(time: string): string {
  return new Date(time).toISOString();
}
