import type { GpuJob, GpuWorkersConfig, GpuWorkersRecord } from '../../contracts/schemas/gpu-workers';
import { waitMilliseconds } from '../../contracts/waits';
import { costToday } from './costs';

export interface Situation {
  /** Trainings that nobody has taken; undefined where Temporal does not say. */
  readonly backlog: number | undefined;
  /** After {@link reconcile}. */
  readonly record: GpuWorkersRecord;
  /** Whether Google has told of every region. */
  readonly isWholeSeen: boolean;
  readonly now: Date;
}

export interface Decision {
  readonly start: number;
  readonly stop: readonly { readonly name: string; readonly why: string }[];
  /** In sentences, for people. */
  readonly said: readonly string[];
}

export const isLive = ({ state }: Pick<GpuJob, 'state'>): boolean => state !== 'ended';

/** How many jobs more there may be beside those that are live, whatever is wanted. Never negative. */
export function roomFor(
  { jobs }: Pick<GpuWorkersRecord, 'jobs'>,
  { most, most_a_day }: Pick<GpuWorkersConfig, 'most' | 'most_a_day'>,
  hourly: number,
  now: Date,
): { readonly byCount: number; readonly byMoney: number } {
  const live = jobs.filter(isLive);
  // An hour of all of them must fit into what is left of the day's money.
  const left = most_a_day - costToday(jobs, now) - live.reduce((sum, job) => sum + job.hourly, 0);
  return { byCount: Math.max(0, most - live.length), byMoney: Math.max(0, Math.floor(left / hourly)) };
}

/**
 * How many jobs to start, and which to stop. Pure.
 *
 * A job is stopped where its worker never came, has fallen silent or should have been ended by Google; where the day's money is
 * used up; and where there are more than may be. One that is idle ends by itself.
 */
export function decide(config: GpuWorkersConfig, hourly: number, situation: Situation): Decision {
  const { record, now } = situation;
  const stop = new Map<string, string>();
  const alive = record.jobs.filter((job) => isLive(job) && job.state !== 'stopping');
  for (const job of alive) {
    const why = trouble(job, config, now);
    if (why !== undefined) stop.set(job.name, why);
  }
  const spent = costToday(record.jobs, now);
  const untilNext =
    (waitMilliseconds(config.every) / 3_600_000) * alive.reduce((sum, job) => sum + job.hourly, 0);
  if (alive.length > 0 && spent + untilNext >= config.most_a_day) {
    for (const { name } of alive) stop.set(name, "the day's money is used up");
  }
  // What is being stopped counts no more, or another would be stopped for it. Those that have not begun, first; then the newest.
  const leastLost = alive
    .filter(({ name }) => !stop.has(name))
    .sort(
      (a, b) =>
        Number(a.state === 'working') - Number(b.state === 'working') || (a.askedAt < b.askedAt ? 1 : -1),
    );
  const extra = Math.max(0, leastLost.length - config.most);
  for (const { name } of leastLost.slice(0, extra)) stop.set(name, `no more than ${config.most} may run`);
  return {
    stop: [...stop].map(([name, why]) => ({ name, why })),
    ...starting(config, hourly, situation, stop.size > 0),
  };
}

function trouble(job: GpuJob, config: GpuWorkersConfig, now: Date): string | undefined {
  const age = now.getTime() - Date.parse(job.askedAt);
  const { start_within, silent_for } = config;
  if (job.workerSeen === undefined) {
    return job.state === 'starting' && age > waitMilliseconds(start_within)
      ? `its worker has not come within ${start_within}`
      : undefined;
  }
  if (now.getTime() - Date.parse(job.workerSeen) > waitMilliseconds(silent_for)) {
    return `its worker has been silent for more than ${silent_for}`;
  }
  // What Google takes to find a machine comes on top.
  const longest = waitMilliseconds(config.worker.longest) + waitMilliseconds(start_within);
  return age > longest ? `it is older than ${config.worker.longest}` : undefined;
}

function starting(
  config: GpuWorkersConfig,
  hourly: number,
  { backlog, record, isWholeSeen, now }: Situation,
  isStopping: boolean,
): { start: number; said: string[] } {
  const none = (...said: string[]): { start: number; said: string[] } => ({ start: 0, said });
  if (record.stopped)
    return none('Stopped by hand: nothing is started. Go on with: drover gpu-workers start');
  if (backlog === undefined) return none('Temporal did not say how many trainings wait; nothing is started.');
  if (backlog === 0) return none();
  const slots = config.vertex.accelerators;
  const coming = record.jobs
    .filter(({ state }) => state === 'asked' || state === 'starting')
    .reduce((sum, job) => sum + job.slots, 0);
  const places = Math.max(1, Math.ceil(backlog / config.backlog_per_worker)) - coming;
  const waits = `${backlog} ${backlog === 1 ? 'training waits' : 'trainings wait'}`;
  if (places <= 0) return none(`${waits}; enough workers are on their way.`);
  if (!isWholeSeen) return none(`${waits}, but Google has not told of every region; nothing is started.`);
  if (isStopping) return none(`${waits}; what is being stopped comes first.`);
  const last = Math.max(0, ...record.jobs.map(({ askedAt }) => Date.parse(askedAt)));
  const cool = last + waitMilliseconds(config.cool_down) - now.getTime();
  if (cool > 0) return none(`${waits}; the last start was less than ${config.cool_down} ago.`);
  const wanted = Math.ceil(places / slots);
  const { byCount, byMoney } = roomFor(record, config, hourly, now);
  const start = Math.min(wanted, byCount, byMoney);
  const said = [`${waits}; ${wanted} more ${wanted === 1 ? 'worker is' : 'workers are'} wanted.`];
  if (byCount < wanted) said.push(`No more than ${config.most} jobs may run (most).`);
  if (byMoney < Math.min(wanted, byCount)) {
    const { currency } = config.prices;
    said.push(
      `No more than ${config.most_a_day} ${currency} may be spent in a day (most_a_day), ` +
        `and an hour of another would not fit beside the ${costToday(record.jobs, now).toFixed(2)} ${currency} of today.`,
    );
  }
  return { start, said };
}
