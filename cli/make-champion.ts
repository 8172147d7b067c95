import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { queues, workflowIds } from '../contracts/names';
import type { Settings } from '../contracts/schemas/settings';
import { createRegistry } from '../lib/registry/registry';
import { openStore } from '../lib/storage/open-store';
import { readChampion } from './champion';
import type { Console } from './display/console';
import { shellWord } from './display/format';
import { resultLines } from './display/result';
import { addresses } from './settings';
import { startInput } from './start-input';
import { follow } from './temporal/follow';
import { patiently } from './temporal/patience';
import { isPolled } from './temporal/preflight';
import { workflowPage } from './temporal/run-workflow';
import { startedWith } from './temporal/started-with';

export interface ChampionWish {
  readonly settings: Settings;
  /** Changes to the pipeline's configuration, all of them. */
  readonly overrides: readonly string[];
  /** Those of them that a person typed: reason enough to train though there is a champion. */
  readonly typed: readonly string[];
  /** Whether the pictures were named, too. */
  readonly ownPictures: boolean;
}

/** Runs the pipeline where there is no champion, or where changes were asked for; one that runs is joined. */
export async function makeChampion(
  client: Client,
  { settings, overrides, typed, ownPictures }: ChampionWish,
  out: Console,
  signal: AbortSignal,
): Promise<void> {
  const { model } = settings;
  const workflowId = workflowIds.pipeline(model);
  const command = ['npx drover run pipeline', ...overrides.map(shellWord)].join(' ');
  const running = await isRunning(client, workflowId, signal);
  if (!running && typed.length === 0 && (await championOf(settings))) {
    if (ownPictures) {
      out.say(
        `${model} has a champion already, so nothing is trained. Train again on the pictures as they are now: ${command}`,
      );
    }
    return;
  }
  out.draw([`  ${out.colours.cyan('▸')} starting the workers`]);
  await untilPolled(client, signal);
  out.settle(false);
  const input = startInput('pipeline', { overrides }, model);
  if (
    running &&
    typed.length > 0 &&
    !isDeepStrictEqual(input, await patiently(() => startedWith(client, workflowId), signal))
  ) {
    out.say(
      out.colours.yellow(
        `${workflowId} runs already and goes on as it was started: ${typed.join(' ')} is not taken into it. ` +
          `When it has ended: ${command}`,
      ),
    );
  }
  // Asked twice, it is the same workflow: one that runs is what the second one gets.
  const handle = await patiently(
    () =>
      client.workflow.start('pipeline', {
        workflowId,
        taskQueue: queues.ml,
        args: input === undefined ? [] : [input],
        workflowIdConflictPolicy: 'USE_EXISTING',
        staticSummary: `pipeline ${model}`,
      }),
    signal,
  );
  const { ui } = addresses(settings);
  const page =
    ui === undefined ? '' : `  ${out.colours.dim(workflowPage(ui, settings.temporal.namespace, workflowId))}`;
  out.say(`${running ? 'Going on with' : 'Running'} ${out.colours.bold(workflowId)}${page}`);
  out.say();
  const result = await follow(client, handle, 'pipeline', out, signal);
  out.say();
  if (!isAboutChampion(result)) {
    resultLines('pipeline', result, out.colours).forEach((line) => out.say(line));
    out.say();
  }
}

/** Whether the champion's own lines, which come last, say all of it. */
function isAboutChampion(result: unknown): boolean {
  return (
    typeof result === 'object' &&
    result !== null &&
    'champion' in result &&
    'version' in result &&
    result.champion === result.version
  );
}

async function isRunning(client: Client, workflowId: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { status } = await patiently(() => client.workflow.getHandle(workflowId).describe(), signal);
    return status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

async function untilPolled(client: Client, signal: AbortSignal): Promise<void> {
  const type = temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW;
  while (!(await patiently(() => isPolled(client, queues.ml, type), signal))) {
    await sleep(200, undefined, { signal });
  }
}

export async function championOf(settings: Settings): ReturnType<typeof readChampion> {
  const store = openStore(settings.store, { gcsEndpoint: settings.gcsEndpoint });
  return readChampion(store, createRegistry(store), settings.model);
}
