import { describe, expect, it } from '@jest/globals';
import type { GpuJob, GpuWorkersRecord } from '../../../contracts/schemas/gpu-workers';
import { gpuWorkersConfigSchema } from '../../../contracts/schemas/gpu-workers';
import { costEver, costOf, costToday, paidHours, shortened } from '../../../lib/gpu-workers/costs';
import { decide } from '../../../lib/gpu-workers/decide';
import { gpuWorkersConfig, gpuWorkersSettings } from '../../support/gpu-workers-config';

const now = new Date('2026-11-25T12:00:00Z');
const ago = (minutes: number): string => new Date(now.getTime() - minutes * 60_000).toISOString();

function job(name: string, changes: Partial<GpuJob> = {}): GpuJob {
  return {
    ...{ name, pool: 'pets', project: 'pets-12345', region: 'europe-west4', state: 'working' },
    ...{ askedAt: ago(60), slots: 1, spot: true, hourly: 0.5, currency: 'USD', job: `jobs/${name}` },
    ...{ startedAt: ago(58), workerSince: ago(55), workerSeen: ago(0) },
    ...changes,
  };
}

const coming = (name: string, minutes: number): GpuJob => {
  const {
    workerSince: _since,
    workerSeen: _seen,
    ...rest
  } = job(name, { state: 'starting', askedAt: ago(minutes) });
  return rest;
};

function record(jobs: GpuJob[], changes: Partial<GpuWorkersRecord> = {}): GpuWorkersRecord {
  return {
    number: 9,
    stopped: false,
    jobs,
    waits: {},
    before: { jobs: 0, hours: 0, cost: 0 },
    said: [],
    ...changes,
  };
}

interface Case {
  name: string;
  backlog: number | undefined;
  jobs?: GpuJob[];
  config?: Record<string, unknown>;
  isWholeSeen?: boolean;
  stopped?: boolean;
  start: number;
  stop?: string[];
  says?: string;
}

const cases: Case[] = [
  { name: 'nothing waits: nothing starts', backlog: 0, start: 0 },
  {
    name: 'one training waits: one worker, whatever backlog_per_worker',
    backlog: 1,
    config: { backlog_per_worker: 50 },
    start: 1,
  },
  { name: 'as many as wait', backlog: 2, start: 2 },
  { name: 'one for each so many', backlog: 5, config: { backlog_per_worker: 2 }, start: 3 },
  { name: 'never more than the cap', backlog: 100, start: 3, says: 'No more than 3 jobs' },
  {
    name: 'never more than the cap beside those that live',
    backlog: 100,
    jobs: [job('a'), coming('b', 2)],
    start: 1,
  },
  {
    name: 'a job that is being stopped counts until it has ended',
    backlog: 9,
    jobs: [job('a', { state: 'stopping' }), job('b'), job('c')],
    start: 0,
  },
  {
    name: 'one that has ended does not',
    backlog: 9,
    jobs: [job('a', { state: 'ended', endedAt: ago(5) })],
    start: 3,
  },
  {
    name: 'those on their way are waited for',
    backlog: 2,
    jobs: [coming('a', 3), coming('b', 3)],
    start: 0,
    says: 'on their way',
  },
  {
    name: 'a job of two accelerators is two places',
    backlog: 4,
    config: { vertex: { ...gpuWorkersSettings.vertex, accelerators: 2 } },
    start: 2,
  },
  {
    name: 'within the cool-down nothing starts',
    backlog: 9,
    jobs: [job('a', { askedAt: ago(1) })],
    config: { cool_down: '2m' },
    start: 0,
    says: 'less than 2m ago',
  },
  { name: 'Temporal does not say: nothing starts', backlog: undefined, start: 0, says: 'did not say' },
  {
    name: 'a region is not seen: nothing starts',
    backlog: 5,
    isWholeSeen: false,
    start: 0,
    says: 'not told of every region',
  },
  {
    name: 'stopped by hand: nothing starts',
    backlog: 5,
    stopped: true,
    start: 0,
    says: 'drover gpu-workers start',
  },
  {
    name: 'money for an hour of one more',
    backlog: 5,
    config: { most_a_day: 0.6 },
    start: 1,
    says: 'most_a_day',
  },
  { name: 'money for none', backlog: 5, config: { most_a_day: 0.4 }, start: 0, says: 'most_a_day' },
  {
    name: "the day's money is used up: all are stopped",
    backlog: 5,
    jobs: [job('a', { startedAt: ago(600) })],
    config: { most_a_day: 5 },
    start: 0,
    stop: ['a'],
  },
  {
    name: "yesterday's money is not today's",
    backlog: 0,
    jobs: [job('a', { state: 'ended', startedAt: ago(2000), endedAt: ago(1000) }), job('b')],
    config: { most_a_day: 5 },
    start: 0,
  },
  {
    name: 'a worker that does not come is stopped',
    backlog: 0,
    jobs: [coming('a', 31)],
    start: 0,
    stop: ['a'],
  },
  {
    name: 'a worker that is silent is stopped',
    backlog: 0,
    jobs: [job('a', { workerSeen: ago(11) })],
    start: 0,
    stop: ['a'],
  },
  {
    name: 'a job that Google should have ended is stopped',
    backlog: 0,
    jobs: [job('a', { askedAt: ago(60 * 25) })],
    start: 0,
    stop: ['a'],
  },
  {
    name: 'a lower cap stops those that have not begun, then the newest',
    backlog: 0,
    jobs: [job('old'), job('new', { askedAt: ago(30) }), coming('b', 5)],
    config: { most: 1 },
    start: 0,
    stop: ['b', 'new'],
  },
  {
    name: 'what is being stopped already is no reason to stop another',
    backlog: 0,
    jobs: [job('a', { state: 'stopping' }), job('b'), job('c')],
    config: { most: 2 },
    start: 0,
  },
  {
    name: 'nor is one that is stopped in the same look',
    backlog: 0,
    jobs: [job('a', { workerSeen: ago(11) }), job('b'), job('c')],
    config: { most: 2 },
    start: 0,
    stop: ['a'],
  },
];

describe('deciding how many workers to start and stop', () => {
  it.each(cases)(
    '$name',
    ({ backlog, jobs = [], config, isWholeSeen = true, stopped = false, start, stop = [], says }) => {
      const decision = decide(gpuWorkersConfig(config), 0.5, {
        backlog,
        record: record(jobs, { stopped }),
        isWholeSeen,
        now,
      });
      expect(decision.start).toBe(start);
      expect(decision.stop.map(({ name }) => name)).toEqual(stop);
      if (says !== undefined) expect(decision.said.join(' ')).toContain(says);
    },
  );
});

describe('counting', () => {
  it('counts from when a job ran until it ended, in steps of 30 seconds, and nothing where it never ran', () => {
    const hour = { startedAt: '2026-11-25T10:00:00Z', endedAt: '2026-11-25T11:00:01Z', hourly: 0.6 };
    expect(paidHours(hour, now)).toBeCloseTo(1 + 30 / 3600, 12);
    expect(costOf(hour, now)).toBeCloseTo(0.605, 12);
    expect(costOf({ hourly: 0.6 }, now)).toBe(0);
    expect(costOf({ startedAt: '2026-11-25T10:00:00Z', hourly: 0.6 }, now)).toBeCloseTo(1.2, 12);
  });

  it('divides a job that ran over midnight between the days', () => {
    const over = { startedAt: '2026-11-24T23:00:00Z', endedAt: '2026-11-25T02:00:00Z', hourly: 1 };
    expect(costToday([over], now)).toBeCloseTo(2, 12);
    expect(costOf(over, now)).toBeCloseTo(3, 12);
  });

  it('loses no money when old jobs are left out of the list', () => {
    const jobs = Array.from({ length: 260 }, (_, at) =>
      job(`j${at}`, { state: 'ended', startedAt: ago(9000), endedAt: ago(8940) }),
    );
    const whole = record(jobs);
    const short = shortened(whole, now);
    expect(short.jobs).toHaveLength(200);
    expect(short.before.jobs).toBe(60);
    expect(costEver(short, now)).toBeCloseTo(costEver(whole, now), 9);
  });
});

describe('the configuration', () => {
  it('is refused without a price for every region: the cap in money could not be kept', () => {
    const wrong = {
      ...gpuWorkersSettings,
      vertex: { ...gpuWorkersSettings.vertex, machine: 'n1-standard-16' },
    };
    expect(
      gpuWorkersConfigSchema
        .safeParse(wrong)
        .error?.issues.map(({ message }) => message)
        .join(),
    ).toContain('most_a_day');
  });

  it('takes no secret into the environment of a job', () => {
    const worker = { ...gpuWorkersSettings.worker, environment: { DROVER_MLFLOW_TOKEN: 'x' } };
    expect(gpuWorkersConfigSchema.safeParse({ ...gpuWorkersSettings, worker }).success).toBe(false);
  });
});
