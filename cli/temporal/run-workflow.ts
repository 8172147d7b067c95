import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { Failure } from '../../contracts/failures';
import { queues, type WorkflowType } from '../../contracts/names';
import type { Settings } from '../../contracts/schemas/settings';
import { type Console, silent } from '../display/console';
import { runningLedger } from '../processes/leftovers';
import { addresses } from '../settings';
import { unlessLeft } from '../stop-signal';
import { connect, withClient } from './connect';
import { follow } from './follow';
import { unpolledQueues } from './preflight';

export interface WorkflowWish {
  readonly type: WorkflowType;
  /** The one argument; undefined where there is none. */
  readonly input: unknown;
  /** Without one: its type and the time. */
  readonly id?: string | undefined;
  /** What it is about, for Temporal's UI. */
  readonly summary: string;
  /** Only start it. */
  readonly detach?: boolean | undefined;
  /** Say nothing: a result as JSON must stand alone on standard output. */
  readonly quiet?: boolean | undefined;
}

export interface RunWorkflow {
  readonly workflowId: string;
  readonly runId: string;
  /** Missing where it was only started, or goes on without whoever watched. */
  readonly outcome?: { readonly result: unknown };
}

/**
 * Starts one workflow after asking whether anybody would work on it, and shows it until it has closed.
 *
 * @throws Failure `start-refused` where nobody would work on it, or it runs already; `temporal-unavailable`; of
 *   the workflow's own type where it failed
 */
export async function runWorkflow(
  wish: WorkflowWish,
  settings: Settings,
  out: Console,
): Promise<RunWorkflow> {
  const { type, input, summary } = wish;
  const shown = wish.quiet === true ? silent(out) : out;
  return withClient(await connect(settings), async (client) => {
    // The workers of a `start` that has just begun are on their way.
    const patience = (await runningLedger(settings.home)) ? 15_000 : 0;
    for (const queue of await unpolledQueues(client, type, patience)) {
      shown.say(
        out.colours.yellow(
          `Nobody polls the queue ${queue}: its work waits until \`npx drover worker --queue ${queue}\` runs.`,
        ),
      );
    }
    const workflowId = wish.id ?? `${type}-${timestamp(new Date())}`;
    const handle = await client.workflow
      .start(type, {
        workflowId,
        taskQueue: queues.ml,
        args: input === undefined ? [] : [input],
        staticSummary: clipBytes(summary, 380),
      })
      .catch((error: unknown) => {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        throw new Failure(
          'start-refused',
          `A workflow ${workflowId} is running already; choose another --id.`,
        );
      });
    const started = { workflowId, runId: handle.firstExecutionRunId };
    const { ui } = addresses(settings);
    shown.say(
      `${workflowId}${ui === undefined ? '' : `  ${workflowPage(ui, settings.temporal.namespace, workflowId)}`}`,
    );
    if (wish.detach === true) return started;
    const watched = await unlessLeft((signal) => follow(client, handle, type, shown, signal));
    if (watched) return { ...started, outcome: { result: watched.seen } };
    shown.say(`${workflowId} goes on without you. Cancel it: npx temporal workflow cancel -w ${workflowId}`);
    return started;
  });
}

export function workflowPage(ui: string, namespace: string, workflowId: string): string {
  return `${ui}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`;
}

/** `20261123-155301`, UTC: sorts by time, and may stand in an id. */
function timestamp(date: Date): string {
  return date.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
}

/** Summaries are limited in bytes. */
function clipBytes(text: string, most: number): string {
  return Buffer.byteLength(text) <= most ? text : `${Buffer.from(text).subarray(0, most).toString('utf8')}…`;
}
