import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { Failure } from '../../contracts/failures';
import { queues, workflowIds } from '../../contracts/names';
import { nameSchema } from '../../contracts/schemas/pipeline';
import type { Settings } from '../../contracts/schemas/settings';
import { createRegistry } from '../../lib/registry/registry';
import { openStore } from '../../lib/storage/open-store';
import { readChampion } from '../champion';
import type { Console } from '../display/console';
import { duration } from '../display/format';
import { resultLines } from '../display/result';
import { modelName } from '../model-name';
import { ownPictures } from '../own-pictures';
import type { ChildSpec } from '../processes/child';
import { endLeftovers } from '../processes/leftovers';
import { type PortNeed, checkPorts } from '../processes/ports';
import { Supervisor } from '../processes/supervisor';
import { servingSummary } from '../serving-summary';
import { setUpNative } from '../set-up';
import { type Outside, type SettingFlags, addresses, environmentWith, settingsOf } from '../settings';
import { startInput } from '../start-input';
import { StopSignal } from '../stop-signal';
import { connectWhenReady, withClient } from '../temporal/connect';
import { temporalServer } from '../temporal/dev-server';
import { follow } from '../temporal/follow';
import { isPolled } from '../temporal/preflight';
import { raiseRetention } from '../temporal/retention';
import { workflowPage } from './run';

export interface StartFlags extends SettingFlags {
  readonly overrides: readonly string[];
  readonly data?: string;
  /** False with `--no-pipeline`. */
  readonly pipeline: boolean;
}

/** In this order they are ended: what takes requests, what works, what remembers. */
const endOrder = [['api'], ['worker', 'worker-gpu'], ['temporal']] as const;

/**
 * Starts everything, makes a champion where there is none, and serves it until it is told to stop.
 *
 * @param stopping - what tells it; by default Ctrl-C and the like
 * @throws Failure where it can't be started or kept running; everything that was started is ended first.
 */
export async function start(
  flags: StartFlags,
  outside: Outside,
  out: Console,
  stopping?: StopSignal,
): Promise<void> {
  const began = Date.now();
  const before = settingsOf(flags, outside);
  const given = environmentWith(flags, outside.environment);
  const data = flags.data === undefined ? undefined : await ownPictures(flags.data, before.project);
  const overrides = [
    ...(data ? [`source.uri=${data.folder}`, `name=${data.name}`] : []),
    ...requireOverrides(flags.overrides),
  ];
  const model = await modelName(before, given, overrides);
  if (!nameSchema.safeParse(model).success) {
    throw new Failure(
      'start-refused',
      'A name is lower-case letters, digits, - and _, at most 63, as in name=pets.',
    );
  }
  const inner: Outside = {
    ...outside,
    environment: {
      ...given,
      DROVER_MODEL: model,
      // Pictures given by name are allowed by that.
      ...(data
        ? { DROVER_ALLOWED_ROOTS: [given['DROVER_ALLOWED_ROOTS'], data.folder].filter(Boolean).join(':') }
        : {}),
    },
  };
  const settings = settingsOf({}, inner);

  let supervisor: Supervisor | undefined;
  const stop = stopping ?? listening(() => supervisor?.kill());
  const { signal } = stop;
  try {
    const ended = await endLeftovers(settings.home);
    if (ended.length > 0) out.say(`Ended what an earlier start had left running: ${ended.join(', ')}.`);
    await checkPorts(portsOf(settings));
    supervisor = new Supervisor({
      home: settings.home,
      addresses: addresses(settings),
      model,
      say: (line) => out.say(out.colours.dim(line)),
      gaveUp: (failure) => stop.fail(failure),
    });
    await supervisor.write();
    const native = await setUpNative(['temporal', 'tensorflow'], settings.cache, out, signal);
    const client = await startProcesses(supervisor, settings, inner, native.temporal, out, signal);
    await withClient(client, async () => {
      await makeChampion(client, settings, overrides, flags, out, signal);
    });
    await serve(settings, out, began, signal);
    await stop.wait();
    if (stop.failure) throw stop.failure;
  } catch (error) {
    out.settle();
    if (!signal.aborted) throw error;
    if (stop.failure) throw stop.failure;
  } finally {
    out.settle();
    await supervisor?.stop(endOrder);
    if (supervisor) out.say('Ended. `npm start` goes on where this was.');
  }
}

/** Ctrl-C and the like; the second one ends everything at once. */
function listening(kill: () => void): StopSignal {
  const stop = new StopSignal(() => {
    kill();
    process.exit(130);
  });
  stop.listen();
  return stop;
}

function requireOverrides(words: readonly string[]): readonly string[] {
  const wrong = words.find((word) => !word.includes('='));
  if (wrong === undefined) return words;
  throw new Failure('start-refused', `Expected changes such as sweep.run_cap=4, and found ${wrong}.`);
}

function portsOf(settings: Settings): PortNeed[] {
  const { development } = settings.temporal;
  const loopback = '127.0.0.1';
  return [
    {
      port: settings.api.port,
      host: settings.api.host,
      what: 'the API',
      flag: '--api-port',
      variable: 'DROVER_API_PORT',
    },
    ...(development
      ? [
          {
            port: development.port,
            host: loopback,
            what: 'the Temporal server',
            flag: '--temporal-port',
            variable: 'DROVER_TEMPORAL_PORT',
          },
          {
            port: development.uiPort,
            host: loopback,
            what: "Temporal's UI",
            flag: '--ui-port',
            variable: 'DROVER_TEMPORAL_UI_PORT',
          },
        ]
      : []),
  ];
}

/** The API at once, since it needs no Temporal; the workers as soon as the server answers. */
async function startProcesses(
  supervisor: Supervisor,
  settings: Settings,
  outside: Outside,
  executable: string | undefined,
  out: Console,
  signal: AbortSignal,
): Promise<Client> {
  signal.throwIfAborted();
  supervisor.start(droverProcess('api', ['api'], settings, outside, 15_000));
  const server = temporalServer(settings, executable ?? 'temporal', outside.environment);
  if (server) supervisor.start(server);
  out.draw([`  ${out.colours.cyan('▸')} starting the Temporal server`]);
  const client = await connectWhenReady(settings, signal);
  if (server) await raiseRetention(client, 30);
  const worker = ['worker', '--queue', queues.ml, '--queue', queues.cpu];
  supervisor.start(droverProcess('worker', worker, settings, outside, 20_000));
  supervisor.start(droverProcess('worker-gpu', ['worker', '--queue', queues.gpu], settings, outside, 20_000));
  return client;
}

function droverProcess(
  name: string,
  args: readonly string[],
  settings: Settings,
  outside: Outside,
  grace: number,
): ChildSpec {
  return {
    name,
    command: process.execPath,
    args: [outside.program, ...args, '--tied'],
    env: outside.environment,
    cwd: settings.project,
    ...(name === 'api' ? { port: settings.api.port } : {}),
    grace,
  };
}

/** Runs the pipeline where there is no champion, or where changes were asked for; one that runs is joined. */
async function makeChampion(
  client: Client,
  settings: Settings,
  overrides: readonly string[],
  flags: StartFlags,
  out: Console,
  signal: AbortSignal,
): Promise<void> {
  if (!flags.pipeline) return;
  const { model } = settings;
  const workflowId = workflowIds.pipeline(model);
  const running = await isRunning(client, workflowId);
  if (!running && flags.overrides.length === 0 && (await championOf(settings))) {
    if (flags.data !== undefined) {
      out.say(
        `${model} has a champion already, so nothing is trained. Train again on the pictures as they are now: ` +
          `npx drover run pipeline ${overrides.join(' ')}`,
      );
    }
    return;
  }
  out.draw([`  ${out.colours.cyan('▸')} starting the workers`]);
  await untilPolled(client, signal);
  out.settle(false);
  const input = startInput('pipeline', { overrides }, model);
  const handle = await client.workflow
    .start('pipeline', {
      workflowId,
      taskQueue: queues.ml,
      args: input === undefined ? [] : [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: ['pipeline', model].join(' '),
    })
    .catch((error: unknown) => {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      return client.workflow.getHandle(workflowId);
    });
  const { ui } = addresses(settings);
  const page =
    ui === undefined ? '' : `  ${out.colours.dim(workflowPage(ui, settings.temporal.namespace, workflowId))}`;
  out.say(`${running ? 'Going on with' : 'Running'} ${out.colours.bold(workflowId)}${page}`);
  out.say();
  const result = await follow(client, handle, 'pipeline', out, signal);
  out.say();
  // A new champion is what the summary that follows is about.
  if (!wasPromoted(result)) {
    resultLines('pipeline', result, out.colours).forEach((line) => out.say(line));
    out.say();
  }
}

function wasPromoted(result: unknown): boolean {
  return typeof result === 'object' && result !== null && 'promoted' in result && result.promoted === true;
}

async function isRunning(client: Client, workflowId: string): Promise<boolean> {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).status.name === 'RUNNING';
  } catch {
    return false;
  }
}

async function untilPolled(client: Client, signal: AbortSignal): Promise<void> {
  const type = temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW;
  // A server that is being started again is waited for, too.
  while (!(await isPolled(client, queues.ml, type).catch(() => false))) {
    await sleep(200, undefined, { signal });
  }
}

async function championOf(settings: Settings): ReturnType<typeof readChampion> {
  const store = openStore(settings.store, { gcsEndpoint: settings.gcsEndpoint });
  return readChampion(store, createRegistry(store), settings.model);
}

/** Waits until the API answers with the champion, and says how to use it. */
async function serve(settings: Settings, out: Console, began: number, signal: AbortSignal): Promise<void> {
  const champion = await championOf(settings);
  const { api, ui } = addresses(settings);
  out.draw([`  ${out.colours.cyan('▸')} waiting for the API`]);
  await untilAnswers(`${api}/${champion ? 'readyz' : 'healthz'}`, signal);
  out.settle(false);
  if (!champion) {
    out.say(
      `There is no champion of ${settings.model} yet. API ${api}${ui === undefined ? '' : `, workflows ${ui}`}`,
    );
    return;
  }
  const store = openStore(settings.store, { gcsEndpoint: settings.gcsEndpoint });
  for (const line of await servingSummary(settings, store, champion, out.colours)) out.say(line);
  out.say();
  out.say(out.colours.dim(`Serving after ${duration(Date.now() - began)}. Ctrl-C ends everything.`));
}

async function untilAnswers(url: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    signal.throwIfAborted();
    const answer = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(2000)]) }).catch(
      () => undefined,
    );
    await answer?.body?.cancel();
    if (answer?.ok === true) return;
    await sleep(200, undefined, { signal });
  }
}
