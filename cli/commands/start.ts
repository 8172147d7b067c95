import { relative } from 'node:path';
import type { Client } from '@temporalio/client';
import { Failure } from '../../contracts/failures';
import { queues } from '../../contracts/names';
import { nameSchema } from '../../contracts/schemas/pipeline';
import type { Settings } from '../../contracts/schemas/settings';
import type { Console } from '../display/console';
import { homeFailure, prepareHome } from '../home';
import { makeChampion } from '../make-champion';
import { modelName, nameChange } from '../model-name';
import { ownPictures } from '../own-pictures';
import type { ChildSpec } from '../processes/child';
import { takeHome } from '../processes/leftovers';
import { type PortNeed, checkPorts } from '../processes/ports';
import { Supervisor } from '../processes/supervisor';
import { serve } from '../serve';
import { setUpNative } from '../set-up';
import {
  type Environment,
  type Outside,
  type SettingFlags,
  addresses,
  environmentWith,
  settingsOf,
} from '../settings';
import { StopSignal } from '../stop-signal';
import { connectWhenReady, withClient } from '../temporal/connect';
import { temporalServer } from '../temporal/dev-server';
import { patiently } from '../temporal/patience';
import { raiseRetention } from '../temporal/retention';

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
  const asked = [
    // As JSON, which is YAML too: a folder's name may hold what YAML gives a meaning.
    ...(data ? [`source.uri=${JSON.stringify(data.uri)}`] : []),
    ...(data && !given['DROVER_MODEL'] ? [`name=${data.name}`] : []),
    ...requireOverrides(flags.overrides),
  ];
  const model = await modelName(before, given, asked);
  if (!nameSchema.safeParse(model).success) {
    throw new Failure(
      'start-refused',
      'A name is lower-case letters, digits, - and _, at most 63, as in name=pets.',
    );
  }
  const overrides = [...asked, ...(await nameChange(before, model, asked))];
  const inner: Outside = {
    ...outside,
    environment: {
      ...given,
      DROVER_MODEL: model,
      ...(data?.folder !== undefined && allowing(data.folder, before, given)),
    },
  };
  const settings = settingsOf({}, inner);

  let supervisor: Supervisor | undefined;
  const stop = stopping ?? listening(() => supervisor?.kill());
  const { signal } = stop;
  try {
    await prepareHome(settings.home);
    const own = new Supervisor({
      home: settings.home,
      addresses: addresses(settings),
      model,
      say: (line) => out.say(out.colours.dim(line)),
      gaveUp: (failure) => stop.fail(failure),
    });
    const ended = await takeHome(settings.home, async () => {
      await checkPorts(portsOf(settings));
      await own.write();
      supervisor = own;
    });
    if (ended.length > 0) out.say(`Ended what an earlier start had left running: ${ended.join(', ')}.`);
    const native = await setUpNative(['temporal', 'tensorflow'], settings, out, signal);
    const client = await startServer(own, settings, inner, native.temporal, out, signal);
    await withClient(client, async () => {
      if (settings.temporal.development) await patiently(() => raiseRetention(client, 30), signal);
      startWorkers(own, settings, inner);
      if (!flags.pipeline) return;
      const wish = { settings, overrides, typed: flags.overrides, ownPictures: data !== undefined };
      await makeChampion(client, wish, out, signal);
    });
    if (data && (await modelName(before, given)) !== model) out.say(stayingHint(model, data.uri));
    await serve(settings, out, began, signal);
    await stop.wait();
    if (stop.failure) throw stop.failure;
  } catch (error) {
    out.settle();
    if (!signal.aborted) throw homeFailure(error, settings.home);
    if (stop.failure) throw stop.failure;
  } finally {
    out.settle();
    await supervisor?.stop(endOrder);
    if (supervisor) out.say('Ended. `npm start` goes on where this was.');
  }
}

/** `--data` holds for one start, which its user may not expect of the next. */
function stayingHint(model: string, uri: string): string {
  return (
    `To stay with these pictures, write into configs/pipeline.yaml: name: ${model}, and source: { uri: ${JSON.stringify(uri)} }. ` +
    'A plain `npm start`, and other commands, mean the model that is named there.'
  );
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

/** Pictures given by name are allowed by that; the project's own are anyway. */
function allowing(folder: string, { project }: Settings, environment: Environment): Environment {
  if (!relative(project, folder).startsWith('..')) return {};
  if (folder.includes(':')) {
    throw new Failure(
      'start-refused',
      `The path ${folder} holds a colon, which separates folders in DROVER_ALLOWED_ROOTS. Rename or move it.`,
    );
  }
  const roots = [environment['DROVER_ALLOWED_ROOTS'], folder].filter(Boolean);
  return { DROVER_ALLOWED_ROOTS: roots.join(':') };
}

function requireOverrides(words: readonly string[]): readonly string[] {
  const wrong = words.find((word) => !word.includes('='));
  if (wrong === undefined) return words;
  throw new Failure('start-refused', `Expected changes such as sweep.run_cap=4, and found ${wrong}.`);
}

function portsOf(settings: Settings): PortNeed[] {
  const { workerMetrics } = settings;
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
    ...(workerMetrics ? metricsPorts(workerMetrics, development !== undefined) : []),
  ];
}

/** Of the worker, of the one that trains, and of Temporal's server where it is ours. */
function metricsPorts({ host, port }: { host: string; port: number }, development: boolean): PortNeed[] {
  const of = ['the metrics of a worker', 'the metrics of the GPU worker'];
  if (development) of.push('the metrics of the Temporal server');
  return of.map((what, at) => ({
    port: port + at,
    host: at === 2 ? '127.0.0.1' : host,
    what,
    variable: 'DROVER_METRICS_PORT',
  }));
}

/** The API at once, since it needs no Temporal; then the server, as soon as it answers. */
async function startServer(
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
  return connectWhenReady(settings, signal);
}

function startWorkers(supervisor: Supervisor, settings: Settings, outside: Outside): void {
  const worker = ['worker', '--queue', queues.ml, '--queue', queues.cpu];
  supervisor.start(droverProcess('worker', worker, settings, outside, 20_000));
  const gpu = ['worker', '--queue', queues.gpu];
  supervisor.start(droverProcess('worker-gpu', gpu, settings, withGpuMetrics(settings, outside), 20_000));
}

/** Two worker processes can't listen on one port: the second has the next. */
function withGpuMetrics({ workerMetrics }: Settings, outside: Outside): Outside {
  if (!workerMetrics) return outside;
  const port = String(workerMetrics.port + 1);
  return { ...outside, environment: { ...outside.environment, DROVER_METRICS_PORT: port } };
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
