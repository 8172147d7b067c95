import { Failure } from '../../../contracts/failures';
import type { MonitorInput, MonitorResult } from '../../../contracts/monitor';
import { readLook } from '../../../lib/monitor/records';
import type { Console } from '../../display/console';
import { lookLines, followUpLines } from '../../display/monitor';
import type { Outside } from '../../settings';
import { runWorkflow } from '../../temporal/run-workflow';
import { placeOf } from '../data/place';
import { type MonitorFlags, readMonitor } from './place';

export interface RunMonitorFlags extends MonitorFlags {
  readonly dryRun?: boolean;
  readonly until?: string;
}

/**
 * Looks now, and prints what each check found. Its exit code is 1 where drift was found.
 *
 * @throws Failure as `readMonitor`; as `runWorkflow`; of the workflow's own type
 */
export async function runMonitor(
  words: readonly string[],
  flags: RunMonitorFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  const { settings, store, model, input } = await readMonitor(words, flags, outside);
  const asked: MonitorInput = {
    ...input,
    ...untilOf(flags.until),
    ...(flags.dryRun === true && { dryRun: true }),
  };
  const { outcome } = await runWorkflow(
    {
      type: 'monitor',
      input: asked,
      summary: `${model}: is there drift${flags.dryRun === true ? ', dry run' : ''}?`,
      quiet: flags.json,
    },
    settings,
    out,
  );
  if (outcome === undefined) return;
  // The workflow's own type says so; `contracts/monitor.ts` is what both sides hold to.
  const result = outcome.result as MonitorResult;
  if (result.verdict === 'drift') process.exitCode = 1;
  const look = result.look === undefined ? undefined : await readLook(store, model, result.look);
  if (flags.json === true) {
    out.say(JSON.stringify(look === undefined ? result : { ...result, ...look }, null, 2));
    return;
  }
  if (look === undefined) {
    out.say(result.reason);
    return;
  }
  for (const line of lookLines(look, out.colours)) out.say(line);
  for (const line of followUpLines(result, out.colours)) out.say(line);
  out.say(`report      ${placeOf(store, look.report)}`);
  if (look.dryRun) out.say('A dry run: nobody was told, and nothing was started.');
}

function untilOf(text: string | undefined): Pick<MonitorInput, 'until'> {
  if (text === undefined) return {};
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? new Date(text) : new Date(Number.NaN);
  if (!Number.isNaN(at.getTime())) return { until: at.toISOString() };
  throw new Failure('start-refused', '--until takes a date such as 2026-11-25 or 2026-11-25T14:30Z.');
}
