import type { GpuWorkersRecord } from '../../contracts/schemas/gpu-workers';
import { costOf, paidHours } from './costs';
import { isLive } from './decide';

const mostShown = 20;

/** Markdown for Temporal's UI: what was said, the jobs that live and the last that ended, and the money. */
export function detailsOf(
  { jobs }: GpuWorkersRecord,
  said: readonly string[],
  spent: { readonly today: number; readonly ever: number; readonly currency: string },
  now: Date,
): string {
  const newest = [...jobs].reverse();
  const shown = [...newest.filter(isLive), ...newest.filter((job) => !isLive(job))].slice(0, mostShown);
  const rows = shown.map(
    (job) =>
      `| ${job.name} | ${job.region} | ${job.state} | ${paidHours(job, now).toFixed(2)} | ${costOf(job, now).toFixed(2)} ${job.currency} | ${plain(job.note ?? '')} |`,
  );
  return [
    ...said.map((each) => `- ${plain(each)}`),
    '',
    ...(rows.length === 0
      ? []
      : ['| job | region | state | hours | cost | |', '|---|---|---|---|---|---|', ...rows, '']),
    `By the table's prices: ${spent.today.toFixed(2)} ${spent.currency} today, ${spent.ever.toFixed(2)} ${spent.currency} in all.`,
  ].join('\n');
}

/** What Google says goes into a table's cell as text. */
function plain(text: string): string {
  return text.replaceAll(/[|<>[\]`\n]/g, ' ');
}
