import { Failure } from '../contracts/failures';
import { type Queue, queues } from '../contracts/names';
import type { Settings } from '../contracts/schemas/settings';
import { waitMilliseconds } from '../contracts/waits';
import type { Console } from './display/console';
import { type Outside, type SettingFlags, settingsOf } from './settings';

/**
 * The long-lived processes, as commands. This file alone composes them: it is the one place of the command
 * line that reaches into workers, the API and the trainer, and each is loaded only where it is asked for.
 */

export interface ProcessFlags extends SettingFlags {
  /** Ends the process when standard input closes: how it notices that its supervisor is gone. */
  readonly tied?: boolean;
}

export interface WorkerFlags extends ProcessFlags {
  readonly queue: readonly string[];
  readonly endWhenIdle?: string;
}

/** Polls the given queues until it is told to stop, or, where that is asked for, has had nothing to do for a while. */
export async function worker(flags: WorkerFlags, outside: Outside): Promise<void> {
  const settings = settingsOf(flags, outside);
  const taken = [...new Set(flags.queue.map(knownQueue))];
  const endWhenIdle = idleTime(flags.endWhenIdle);
  const { signal, done } = untilStopped(flags.tied === true);
  const [{ runWorker }, { createLogger }, { withSecrets }] = await Promise.all([
    import('../workers/main'),
    import('../lib/logging/logger'),
    import('../lib/gpu-workers/secrets'),
  ]);
  const logger = createLogger({ level: settings.logLevel, service: 'worker' });
  const environment = await withSecrets(outside.environment, settings.cloudEndpoint);
  await done(
    runWorker({
      settings: settingsOf(flags, { ...outside, environment }),
      environment,
      queues: taken,
      logger,
      signal,
      endWhenIdle,
    }),
  );
}

/** Serves the champion until it is told to stop. */
export async function api(flags: ProcessFlags, outside: Outside): Promise<void> {
  const settings = settingsOf(flags, outside);
  const { signal, done } = untilStopped(flags.tied === true);
  const [{ runApi }, { createLogger }] = await Promise.all([
    import('../api/main'),
    import('../lib/logging/logger'),
  ]);
  const logger = createLogger({ level: settings.logLevel, service: 'api' });
  await done(runApi({ settings, logger, signal }));
}

/** Hears of changes in buckets, and has their watches look, until it is told to stop. */
export async function notifications(
  flags: ProcessFlags & { readonly port: string },
  outside: Outside,
): Promise<void> {
  const settings = settingsOf(flags, outside);
  const { notificationsToken: token } = settings;
  if (token === undefined) {
    throw new Failure(
      'start-refused',
      'Set DROVER_NOTIFICATIONS_TOKEN to a secret of 16 characters or more, which senders must show.',
    );
  }
  const { signal, done } = untilStopped(flags.tied === true);
  const [{ createNotificationsApp }, { startServer }, { createLogger }, { changeWatch }, { connect }] =
    await Promise.all([
      import('../api/notifications'),
      import('../api/server'),
      import('../lib/logging/logger'),
      import('./temporal/schedules'),
      import('./temporal/connect'),
    ]);
  const logger = createLogger({ level: settings.logLevel, service: 'notifications' });
  const client = await connect(settings);
  const app = createNotificationsApp({
    token,
    look: (dataset) => changeWatch(client, dataset, 'now'),
    logger,
  });
  const { host } = settings.api;
  const chosenBy = { host: 'DROVER_API_HOST', port: '--port' };
  const server = await startServer({ app, host, port: portOf(flags.port), chosenBy, logger });
  logger.info('Listening for notifications', { host, port: server.port });
  const stopped = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await done(
    stopped.then(async () => {
      await server.close();
      await client.connection.close();
    }),
  );
}

export interface AdminFlags extends ProcessFlags {
  readonly port: string;
  readonly host: string;
  readonly name: readonly string[];
  readonly newToken?: string;
}

/** Serves the administration until it is told to stop; or makes a token for somebody. */
export async function admin(flags: AdminFlags, outside: Outside, out: Console): Promise<void> {
  const settings = settingsOf(flags, outside);
  const { makeToken, principalsOf } = await import('./admin-tokens');
  if (flags.newToken !== undefined) {
    out.say(await makeToken(settings.home, flags.newToken));
    return;
  }
  const isLocal = ['127.0.0.1', '::1', 'localhost'].includes(flags.host);
  if (!isLocal && flags.name.length === 0) {
    throw new Failure(
      'start-refused',
      'On an address that others reach, put TLS in front, and say by which name it is reached: --name admin.example.com.',
    );
  }
  const principals = await principalsOf(settings.home, outside.environment);
  if (principals.length === 0) {
    throw new Failure(
      'start-refused',
      'Nobody may administer yet. Make a token: npx drover admin --new-token <name>; or set DROVER_ADMIN_TOKEN_<NAME>.',
    );
  }
  const { signal, done } = untilStopped(flags.tied === true);
  const [
    { createAdministrationApp },
    { createLoginLimit },
    { createModelReader },
    { startServer },
    { createLogger },
    { connect },
    { temporalAdministration },
    { createRegistry },
    { openStore },
  ] = await Promise.all([
    import('../api/administration/app'),
    import('../api/administration/login-limit'),
    import('../api/models-page/read-models'),
    import('../api/server'),
    import('../lib/logging/logger'),
    import('./temporal/connect'),
    import('./temporal/administration'),
    import('../lib/registry/registry'),
    import('../lib/storage/open-store'),
  ]);
  const logger = createLogger({ level: settings.logLevel, service: 'admin' });
  const client = await connect(settings);
  const store = openStore(settings.store, { gcsEndpoint: settings.gcsEndpoint });
  const app = createAdministrationApp({
    administration: temporalAdministration(client),
    registry: createRegistry(store),
    // A page after a change must show it.
    reader: createModelReader({ store, fresh: 0 }),
    ...{ principals, names: flags.name, logger, store },
    loginLimit: await createLoginLimit(),
  });
  const server = await startServer({ app, ...listeningOf(flags), logger });
  if (out.live) {
    const { bold, cyan, dim } = out.colours;
    const host = flags.host.includes(':') ? `[${flags.host}]` : flags.host;
    out.say(`${bold('Administration')}  ${cyan(`http://${host}:${server.port}`)}  ${dim('Ctrl-C ends it.')}`);
  } else {
    logger.info('Administration', { host: flags.host, port: server.port, principals: principals.length });
  }
  const stopped = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await done(
    stopped.then(async () => {
      await server.close();
      await client.connection.close();
    }),
  );
}

export interface CodecFlags extends ProcessFlags {
  readonly port: string;
  readonly host: string;
  readonly ui: readonly string[];
  readonly name: readonly string[];
  readonly newKey?: string;
}

/** Shows Temporal's UI what is encrypted until it is told to stop; or makes a key. */
export async function codec(flags: CodecFlags, outside: Outside, say: (line: string) => void): Promise<void> {
  const settings = settingsOf(flags, outside);
  const { newPayloadKey, readPayloadKeys } = await import('../lib/payloads/keys');
  if (flags.newKey !== undefined) {
    say(newPayloadKey(flags.newKey));
    return;
  }
  const keys = readPayloadKeys(settings.payloadKeys);
  if (keys === undefined) {
    throw new Failure(
      'start-refused',
      'There are no keys. Name their file with DROVER_PAYLOAD_KEYS_FILE (docs/guides/payload-encryption.md).',
    );
  }
  const { codecToken: token } = settings;
  const isLocal = ['127.0.0.1', '::1', 'localhost'].includes(flags.host);
  if (!isLocal && (token === undefined || flags.name.length === 0)) {
    throw new Failure(
      'start-refused',
      'On an address that others reach, put TLS in front, set DROVER_CODEC_TOKEN to what they must show, and say by which ' +
        'name it is reached: --name codec.example.com.',
    );
  }
  const uis = flags.ui.length > 0 ? flags.ui.map(originOf) : ownUi(settings);
  const { signal, done } = untilStopped(flags.tied === true);
  const [{ createCodecApp }, { startServer }, { createLogger }, { createPayloadCodec }] = await Promise.all([
    import('../api/codec/app'),
    import('../api/server'),
    import('../lib/logging/logger'),
    import('../lib/payloads/codec'),
  ]);
  const logger = createLogger({ level: settings.logLevel, service: 'codec' });
  const app = createCodecApp({ codec: createPayloadCodec(keys), uis, token, names: flags.name, logger });
  const server = await startServer({ app, ...listeningOf(flags), logger });
  logger.info('Codec', { host: flags.host, port: server.port, uis, keys: [...keys.byId.keys()] });
  const stopped = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await done(stopped.then(() => server.close()));
}

/** As a browser sends it. */
function originOf(given: string): string {
  const origin = URL.canParse(given) ? new URL(given).origin : 'null';
  if (origin !== 'null') return origin;
  throw new Failure('start-refused', '--ui takes an address such as https://temporal.example.com.');
}

function ownUi({ temporal: { development } }: Settings): readonly string[] {
  if (development === undefined) return [];
  return ['127.0.0.1', 'localhost'].map((host) => `http://${host}:${development.uiPort}`);
}

/** Where a process listens whose flags say it. */
function listeningOf({ host, port }: { readonly host: string; readonly port: string }) {
  return { host, port: portOf(port), chosenBy: { host: '--host', port: '--port' } };
}

function portOf(given: string): number {
  const port = Number(given);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new Failure('start-refused', '--port takes a number of 1 to 65535.');
}

/** The trainer speaks to the worker that started it, and ends with it. */
export async function trainer(): Promise<void> {
  const { runTrainer } = await import('../lib/training/trainer-process');
  await runTrainer();
}

/** Speaks to the command that started it (`drover profile`, `drover lr-range`), and ends with it. */
export async function rehearsal(): Promise<void> {
  const { runRehearsal } = await import('../lib/training/rehearsal/rehearsal-process');
  await runRehearsal();
}

function idleTime(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  if (/^[1-9]\d{0,4}[smhd]$/.test(given)) return waitMilliseconds(given);
  throw new Failure('start-refused', '--end-when-idle takes a number with s, m, h or d, such as 10m.');
}

function knownQueue(name: string): Queue {
  const queue = Object.values(queues).find((known) => known === name);
  if (queue) return queue;
  throw new Failure(
    'start-refused',
    `There is no such queue; known are ${Object.values(queues).join(', ')}.`,
  );
}

/** How long a process may take to end in good order before it is ended, in milliseconds. */
const patience = 25_000;

/**
 * A signal that is aborted by Ctrl-C, SIGTERM or (when tied) the end of standard input. `done` waits for the
 * work; the process ends even where something in it still holds on.
 */
function untilStopped(tied: boolean): { signal: AbortSignal; done: (work: Promise<void>) => Promise<void> } {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) return;
    controller.abort();
    setTimeout(() => process.exit(1), patience).unref();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  if (tied) {
    process.stdin.on('end', stop).on('error', stop).resume();
  }
  return {
    signal: controller.signal,
    done: async (work) => {
      try {
        await work;
      } catch (error) {
        if (!controller.signal.aborted) throw error;
      }
      process.exit(0);
    },
  };
}
