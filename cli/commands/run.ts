import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { Failure } from '../../contracts/failures';
import { queues } from '../../contracts/names';
import { type Console, silent } from '../display/console';
import { resultLines } from '../display/result';
import { modelName, nameChange } from '../model-name';
import { runningLedger } from '../processes/leftovers';
import { type Outside, type SettingFlags, addresses, environmentWith, settingsOf } from '../settings';
import { readTyped, startInput } from '../start-input';
import { connect, withClient } from '../temporal/connect';
import { follow } from '../temporal/follow';
import { unpolledQueues, workflowType } from '../temporal/preflight';

export interface RunFlags extends SettingFlags {
  readonly id?: string;
  readonly input?: string;
  readonly detach?: boolean;
  readonly json?: boolean;
}

/** Starts one workflow after asking whether anybody would work on it, shows it, and prints its result. */
export async function run(
  given: string,
  words: readonly string[],
  flags: RunFlags,
  outside: Outside,
  out: Console,
): Promise<void> {
  const type = workflowType(given);
  const settings = settingsOf(flags, outside);
  const typed = readTyped(words);
  const model = await modelName(settings, environmentWith(flags, outside.environment), typed.overrides);
  await requireConfig(typed.config, settings.project);
  const named =
    type === 'pipeline' && typed.config === undefined
      ? { overrides: [...typed.overrides, ...(await nameChange(settings, model, typed.overrides))] }
      : typed;
  const input = flags.input === undefined ? startInput(type, named, model) : parseInput(flags.input, words);
  const client = await connect(settings);
  // What people read; a result as JSON must stand alone on standard output.
  const say = (line: string): void => {
    if (flags.json !== true) out.say(line);
  };
  await withClient(client, async () => {
    // The workers of a `start` that has just begun are on their way.
    const patience = (await runningLedger(settings.home)) ? 15_000 : 0;
    for (const queue of await unpolledQueues(client, type, patience)) {
      say(
        out.colours.yellow(
          `Nobody polls the queue ${queue}: its work waits until \`npx drover worker --queue ${queue}\` runs.`,
        ),
      );
    }
    const workflowId = flags.id ?? `${type}-${timestamp(new Date())}`;
    const handle = await client.workflow
      .start(type, {
        workflowId,
        taskQueue: queues.ml,
        args: input === undefined ? [] : [input],
        staticSummary: clipBytes([type, ...words].join(' '), 380),
      })
      .catch((error: unknown) => {
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
        throw new Failure(
          'start-refused',
          `A workflow ${workflowId} is running already; choose another --id.`,
        );
      });
    const { ui } = addresses(settings);
    say(
      `${workflowId}${ui === undefined ? '' : `  ${workflowPage(ui, settings.temporal.namespace, workflowId)}`}`,
    );
    if (flags.detach === true) {
      if (flags.json === true) out.say(JSON.stringify({ workflowId, runId: handle.firstExecutionRunId }));
      return;
    }
    const leaving = new AbortController();
    const leave = (): void => leaving.abort(new Error('left'));
    process.once('SIGINT', leave);
    try {
      const result = await follow(
        client,
        handle,
        type,
        flags.json === true ? silent(out) : out,
        leaving.signal,
      );
      if (flags.json === true) out.say(JSON.stringify(result ?? null, null, 2));
      else ['', ...resultLines(type, result, out.colours)].forEach((line) => out.say(line));
    } catch (error) {
      if (!leaving.signal.aborted) throw error;
      out.say(`${workflowId} goes on without you. Cancel it: npx temporal workflow cancel -w ${workflowId}`);
    } finally {
      process.removeListener('SIGINT', leave);
    }
  });
}

export function workflowPage(ui: string, namespace: string, workflowId: string): string {
  return `${ui}/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`;
}

/** A file that isn't there is said before anything is started; a URI is the workers' to look at. */
async function requireConfig(config: string | undefined, folder: string): Promise<void> {
  if (config === undefined || config.includes('://')) return;
  try {
    await access(resolve(folder, config));
  } catch {
    throw new Failure(
      'not-found',
      `There is no file ${config} in ${folder}. A change is written as key=value.`,
    );
  }
}

function parseInput(json: string, words: readonly string[]): unknown {
  if (words.length > 0)
    throw new Failure('start-refused', '--input is the whole input; give nothing beside it.');
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new Failure('start-refused', '--input is not JSON. Expected such as \'{"run_cap": 4}\'.', {
      cause: error,
    });
  }
}

/** `20261123-155301`, UTC: sorts by time, and may stand in an id. */
function timestamp(date: Date): string {
  return date.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
}

/** Summaries are limited in bytes. */
function clipBytes(text: string, most: number): string {
  return Buffer.byteLength(text) <= most ? text : `${Buffer.from(text).subarray(0, most).toString('utf8')}…`;
}
