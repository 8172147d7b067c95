import { gpuWorkersIds, type GpuWorkersInput, type GpuWorkersResult } from '../../contracts/gpu-workers';
import { resolveConfiguration } from '../../lib/configuration/resolve';
import { readGpuWorkers } from '../../lib/gpu-workers/records';
import type { Console } from '../display/console';
import { gpuWorkersLines } from '../display/gpu-workers';
import type { Outside } from '../settings';
import { connect, withClient } from '../temporal/connect';
import { lookingSince, putGpuSchedule, removeGpuSchedule } from '../temporal/gpu-schedule';
import { runWorkflow } from '../temporal/run-workflow';
import { openModels, type JsonFlags, type ModelPlace } from './models/place';

export interface GpuWorkersFlags extends JsonFlags {
  readonly config?: string;
}

export type GpuWorkersCommand = 'status' | 'plan' | 'start' | 'stop';

/**
 * @throws Failure `configuration-invalid` with what is missing in `configs/gpu-workers.yaml`; `start-refused` where no worker would
 *   look; `temporal-unavailable`
 */
export async function gpuWorkers(
  command: GpuWorkersCommand,
  flags: GpuWorkersFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  const place = openModels(flags, outside);
  const config = flags.config === undefined ? {} : { config: flags.config };
  const client = <T>(work: Parameters<typeof withClient<T>>[1]): Promise<T> =>
    connect(place.settings).then((connected) => withClient(connected, work));
  if (command === 'status') {
    await showStatus(place, flags, out, await client(lookingSince));
    return;
  }
  if (command === 'plan') {
    const result = await runOnce(place, { mode: 'plan', ...config }, flags, out);
    if (result === undefined) return;
    if (flags.json === true) out.say(JSON.stringify(result, null, 2));
    else {
      out.say();
      for (const said of result.said) out.say(said);
      out.say();
      out.say(result.plan ?? '');
      out.say('Nothing was changed.');
    }
    return;
  }
  if (command === 'start') {
    const { project, store } = { project: place.settings.project, store: place.store };
    const resolved = await resolveConfiguration('gpu-workers', flags.config, { project, store });
    const result = await runOnce(place, { mode: 'start', ...config }, flags, out);
    if (result === undefined) {
      if (flags.json !== true) {
        out.say(
          'No look follows that one: `npx drover gpu-workers start` again has the queue looked at, and `stop` ends what it has started.',
        );
      }
      return;
    }
    const { every, most, most_a_day, prices } = resolved.config;
    await client((connected) => putGpuSchedule(connected, every, config));
    if (flags.json === true) {
      out.say(JSON.stringify(result, null, 2));
      return;
    }
    for (const said of result.said) out.say(said);
    out.say(
      `The queue is looked at every ${every}: at most ${most} jobs, and ${most_a_day} ${prices.currency} a day by the table's prices.`,
    );
    return;
  }
  // Its looks end last: where the stop can't run, they still watch over the jobs; once it has begun, they start none.
  const result = await runOnce(place, { mode: 'stop', ...config }, flags, out);
  await client(removeGpuSchedule);
  if (result === undefined) return;
  await showStatus(place, flags, out, undefined);
}

async function runOnce(
  { settings }: ModelPlace,
  input: GpuWorkersInput,
  flags: GpuWorkersFlags,
  out: Console,
): Promise<GpuWorkersResult | undefined> {
  const { outcome } = await runWorkflow(
    {
      type: 'gpuWorkers',
      input,
      // Two that stop at once would be one too many.
      id: input.mode === 'stop' ? gpuWorkersIds.stop : undefined,
      summary: `GPU workers: ${input.mode ?? 'look'}`,
      quiet: flags.json,
    },
    settings,
    out,
  );
  return outcome?.result as GpuWorkersResult | undefined;
}

async function showStatus(
  { store }: ModelPlace,
  flags: GpuWorkersFlags,
  out: Console,
  rhythm: string | undefined,
): Promise<void> {
  const record = await readGpuWorkers(store);
  if (flags.json === true) out.say(JSON.stringify({ looks: rhythm ?? null, ...record }, null, 2));
  else for (const line of gpuWorkersLines(record, rhythm, new Date(), out.colours)) out.say(line);
}
