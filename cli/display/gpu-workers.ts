import type { GpuJob, GpuWorkersRecord } from '../../contracts/schemas/gpu-workers';
import { costEver, costOf, costToday, paidHours } from '../../lib/gpu-workers/costs';
import { isLive } from '../../lib/gpu-workers/decide';
import type { Colours } from './format';
import { table } from './table';

const mostEnded = 10;

/** The jobs at Google, the newest first; money by the table's prices; what the last look said. */
export function gpuWorkersLines(
  record: GpuWorkersRecord,
  rhythm: string | undefined,
  now: Date,
  { bold, dim, green, yellow }: Colours,
): string[] {
  const newest = [...record.jobs].reverse();
  const shown = [...newest.filter(isLive), ...newest.filter((job) => !isLive(job)).slice(0, mostEnded)];
  const currency = newest[0]?.currency ?? '';
  const money = (amount: number): string => `${amount.toFixed(2)} ${currency}`.trim();
  const [header = '', ...rows] = table(
    ['job', 'region', 'state', 'asked for', 'hours', 'cost', ''],
    shown.map((job) => [
      job.name,
      `${job.region}${job.spot ? ' (spot)' : ''}`,
      job.state,
      minute(job.askedAt),
      paidHours(job, now).toFixed(2),
      money(costOf(job, now)),
      job.note ?? '',
    ]),
    new Set([4, 5]),
  );
  const looks =
    rhythm === undefined ? yellow('nobody looks at the queue') : green(`looked at every ${rhythm}`);
  const last = record.lookedAt === undefined ? '' : dim(`; last ${minute(record.lookedAt)} UTC`);
  return [
    `${bold('GPU workers')}  ${looks}${last}`,
    ...(record.jobs.length === 0 ? ['No job has been started yet.'] : ['', dim(header), ...rows, '']),
    `live        ${record.jobs.filter(isLive).length}`,
    `counted     ${money(costToday(record.jobs, now))} today, ${money(costEver(record, now))} in all ${dim('(by the prices of configs/gpu-workers.yaml, not from the bill)')}`,
    ...record.said.map((said) => `${dim('last look')}   ${said}`),
  ];
}

function minute(time: GpuJob['askedAt']): string {
  return time.slice(0, 16).replace('T', ' ');
}
