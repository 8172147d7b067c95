import { setTimeout as sleep } from 'node:timers/promises';
import { type WorkflowHandle, WorkflowNotFoundError } from '@temporalio/client';
import type { PromoteInput } from '../../contracts/inputs';
import { promotionMessages, type PromotionView } from '../../contracts/messages';
import { workflowIds } from '../../contracts/names';
import type { PromoteResult } from '../../contracts/results';
import type { PromotionRecord } from '../../contracts/schemas/promotion';
import type { Settings } from '../../contracts/schemas/settings';
import type { Console } from '../display/console';
import { promotionLines, waitingLines } from '../display/promotion';
import type { Outside } from '../settings';
import { askWorkflow } from '../temporal/ask-workflow';
import { connect, withClient } from '../temporal/connect';
import { resultOf } from '../temporal/follow';
import { runWorkflow } from '../temporal/run-workflow';
import { whoAsks } from '../who';
import { openModels, wishedVersion, type JsonFlags } from './models/place';

export interface PromoteFlags extends JsonFlags {
  readonly dryRun?: boolean;
  readonly by?: string;
  readonly reason?: string;
  readonly wait?: boolean;
}

const lookMs = 300;

/**
 * Promotes a version by the project's gates and prints what each found. Where a person is to decide, it says how and ends,
 * unless it was told to wait. Its exit code is 1 where the version was not promoted and nobody is waited for.
 *
 * @throws Failure `not-found` where there is no such version; as `runWorkflow`; of the workflow's own type
 */
export async function promoteVersion(
  wished: string | undefined,
  flags: PromoteFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  const place = openModels(flags, outside);
  const { name, version } = await wishedVersion(withLatest(wished), place);
  const input: PromoteInput = {
    model: name,
    version,
    by: flags.by ?? whoAsks(outside.environment),
    ...(flags.reason !== undefined && { reason: flags.reason }),
    ...(flags.dryRun === true && { dryRun: true }),
  };
  const own = workflowIds.promotion(name, version);
  const joined = flags.dryRun !== true && (await isRunning(own, place.settings));
  if (joined && flags.json !== true) {
    out.say(`A promotion of ${name} version ${version} is under way already; this is how it stands.`);
  }
  const { workflowId } = joined
    ? { workflowId: own }
    : await runWorkflow(
        {
          type: 'promote',
          input,
          // A dry run does not keep the promotion itself from starting.
          id: flags.dryRun === true ? undefined : own,
          summary: `${name} version ${version}${flags.dryRun === true ? ', dry run' : ''}`,
          detach: true,
          quiet: flags.json,
        },
        place.settings,
        out,
      );
  const outcome = await withClient(await connect(place.settings), async (client) =>
    untilDecided(client.workflow.getHandle(workflowId), flags.wait === true),
  );
  if (flags.json === true) {
    out.say(JSON.stringify('waiting' in outcome ? outcome.waiting : outcome.result, null, 2));
  } else if ('waiting' in outcome) {
    waitingLines(outcome.waiting, out.colours).forEach((line) => out.say(line));
  } else {
    promotionLines({ model: name, version }, outcome.result, out.colours).forEach((line) => out.say(line));
  }
  if ('result' in outcome && !outcome.result.promoted && flags.dryRun !== true) process.exitCode = 1;
}

async function isRunning(workflowId: string, settings: Settings): Promise<boolean> {
  return withClient(await connect(settings), async (client) => {
    try {
      return (await client.workflow.getHandle(workflowId).describe()).status.name === 'RUNNING';
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  });
}

/** `animals` alone means its latest version, which is what is new; elsewhere it means the champion. */
function withLatest(wished: string | undefined): string {
  if (wished === undefined) return '@latest';
  return wished.includes('@') || /^(v?\d+|latest)$/i.test(wished) ? wished : `${wished}@latest`;
}

type Outcome = { readonly result: PromoteResult } | { readonly waiting: PromotionRecord };

async function untilDecided(handle: WorkflowHandle, patient: boolean): Promise<Outcome> {
  const stop = new AbortController();
  // The workflow's own type says so; `contracts/results.ts` is what both sides hold to.
  const ended = resultOf(handle, stop.signal).then((result): Outcome => ({
    result: result as PromoteResult,
  }));
  if (patient) return ended;
  const waits = (async (): Promise<Outcome> => {
    for (;;) {
      await sleep(lookMs, undefined, { signal: stop.signal });
      const view = await askWorkflow<PromotionView>(handle, promotionMessages.view).catch(() => undefined);
      if (view?.state === 'waiting' && view.record) return { waiting: view.record };
    }
  })();
  // What ends the looking is no failure of anybody's.
  waits.catch(() => undefined);
  try {
    return await Promise.race([ended, waits]);
  } finally {
    stop.abort();
    ended.catch(() => undefined);
  }
}
