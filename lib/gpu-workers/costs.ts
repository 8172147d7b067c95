import type { GpuJob, GpuWorkersRecord } from '../../contracts/schemas/gpu-workers';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** Vertex AI counts training in steps of 30 seconds. */
const stepMs = 30_000;

type Timed = Pick<GpuJob, 'startedAt' | 'endedAt' | 'hourly'>;

/**
 * Hours that a job has been paid for within a stretch of time: from when it ran until it ended, or until now. A job that never
 * ran costs nothing.
 */
export function paidHours(job: Timed, now: Date, from = new Date(0)): number {
  if (job.startedAt === undefined) return 0;
  const begun = Math.max(Date.parse(job.startedAt), from.getTime());
  const ended = job.endedAt === undefined ? now.getTime() : Date.parse(job.endedAt);
  return (Math.ceil(Math.max(0, ended - begun) / stepMs) * stepMs) / hourMs;
}

/** Counted by the price that the table had when the job was asked for; without discounts, taxes, disks and traffic. */
export function costOf(job: Timed, now: Date, from?: Date): number {
  return paidHours(job, now, from) * job.hourly;
}

/** What all jobs have cost since the day began, in UTC. */
export function costToday(jobs: readonly Timed[], now: Date): number {
  const midnight = new Date(Math.floor(now.getTime() / dayMs) * dayMs);
  return sum(jobs.map((job) => costOf(job, now, midnight)));
}

export function costEver({ jobs, before }: Pick<GpuWorkersRecord, 'jobs' | 'before'>, now: Date): number {
  return before.cost + sum(jobs.map((job) => costOf(job, now)));
}

const mostEnded = 200;

/** Leaves out the oldest of those that ended before yesterday, and keeps their sums. */
export function shortened(record: GpuWorkersRecord, now: Date): GpuWorkersRecord {
  const old = (job: GpuJob): boolean =>
    job.state === 'ended' && Date.parse(job.endedAt ?? job.askedAt) < now.getTime() - 2 * dayMs;
  const extra = record.jobs.filter(old).slice(0, Math.max(0, record.jobs.length - mostEnded));
  if (extra.length === 0) return record;
  const left = new Set(extra.map(({ name }) => name));
  const { before } = record;
  return {
    ...record,
    jobs: record.jobs.filter(({ name }) => !left.has(name)),
    before: {
      jobs: before.jobs + extra.length,
      hours: before.hours + sum(extra.map((job) => paidHours(job, now))),
      cost: before.cost + sum(extra.map((job) => costOf(job, now))),
    },
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
