import { isIP } from 'node:net';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { Failure } from '../failures';
import { type GuardSettings, guardSettings, guardVariables } from './guard';
import { type Challenging, challengingSchema } from './challenging';
import { hostPattern } from './hosts';
import { mlflowUriSchema, type Tracking } from './tracking';

const port = (fallback: number) => z.coerce.number().int().min(1).max(65_535).default(fallback);

const amount = (fallback: number) => z.coerce.number().int().min(1).default(fallback);

const kaggleEndpoint = 'https://www.kaggle.com/api/v1';

/** Hosts, separated by commas or spaces. */
const hostsSchema = z
  .string()
  .default('')
  .transform((hosts) =>
    hosts
      .toLowerCase()
      .split(/[\s,]+/)
      .filter((host) => host !== ''),
  )
  .refine(
    (hosts) => hosts.every((host) => hostPattern.test(host)),
    'hosts, or host:port, separated by commas',
  );

/** Every environment variable that Drover reads, once, at an entry point; secrets: `source-secrets.ts`. */
export const environmentSchema = z.object({
  DROVER_HOME: z.string().optional().describe('state of this project: server data, store, logs'),
  DROVER_STORE: z.string().optional().describe('a folder, as a path or a file:// URL, or gs://bucket/prefix'),
  DROVER_CACHE: z.string().optional().describe('downloads shared by all projects'),
  DROVER_GCS_ENDPOINT: z.url().optional().describe('a bucket emulator, in place of Google'),
  DROVER_CLOUD_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("a fake of Google's services that deployments need, in place of Google"),
  DROVER_MODEL: z.string().default('animals').describe('the model that the API serves'),
  DROVER_MODEL_VERSION: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe('the one version that the API serves, whatever the champion is'),
  DROVER_API_HOST: z.string().default('127.0.0.1'),
  DROVER_API_PORT: port(8080),
  DROVER_MAX_UPLOAD_BYTES: z.coerce
    .number()
    .int()
    .min(1024)
    .default(10 * 1024 * 1024),
  DROVER_MAX_REQUESTS: z.coerce
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(128)
    .describe('pictures that the API receives, decodes or answers at once'),
  DROVER_INFERENCE_THREADS: z.coerce
    .number()
    .int()
    .min(1)
    .max(256)
    .optional()
    .describe('threads of the API that decode and classify pictures; as many as there are cores'),
  DROVER_DEADLINE_MS: amount(5_000).describe('how long a picture may wait for such a thread'),
  DROVER_CHALLENGER: challengingSchema.describe('what the alias challenger does beside the champion'),
  DROVER_KEEP_PREDICTIONS: z
    .enum(['off', 'answers', 'pictures'])
    .default('pictures')
    .describe('what the API keeps of its predictions'),
  DROVER_KEEP_SHARE: z.coerce.number().min(0).max(1).default(1).describe('of predictions, that is kept'),
  DROVER_KEEP_DAYS: z.coerce.number().int().min(0).max(36_500).default(30).describe('0: for ever'),
  DROVER_KEEP_EXIF: z
    .enum(['no', 'yes'])
    .default('no')
    .describe('whether kept pictures hold what cameras write into them'),
  DROVER_SPOOL_BYTES: z.coerce
    .number()
    .int()
    .min(2 ** 20)
    .default(2 ** 30)
    .describe('of kept predictions that wait for the store'),
  ...guardVariables,
  DROVER_TEMPORAL_PORT: port(7233),
  DROVER_TEMPORAL_UI_PORT: port(8233),
  DROVER_PAYLOAD_KEYS_FILE: z
    .string()
    .optional()
    .describe('a file of keys that what Temporal keeps is encrypted with'),
  DROVER_PAYLOAD_KEYS: z.string().optional().describe('the keys themselves, where there is no such file'),
  DROVER_CODEC_TOKEN: z
    .string()
    .min(16, 'at least 16 characters')
    .optional()
    .describe('what askers of `drover codec` must show'),
  DROVER_DEVICE: z
    .enum(['auto', 'cpu', 'cuda'])
    .default('auto')
    .describe('what TensorFlow computes on; auto: NVIDIA GPUs where there are any'),
  DROVER_GPU_SLOTS: z.coerce
    .number()
    .int()
    .min(1)
    .max(64)
    .optional()
    .describe('trainings at once on this machine, where it has no GPU'),
  DROVER_STALL_SECONDS: z.coerce
    .number()
    .int()
    .min(10)
    .max(86_400)
    .default(120)
    .describe('without progress, a step included, after which a training is ended and tried again'),
  DROVER_WORKER_NAME: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'expected letters, digits, ., _ and - alone, at most 63')
    .optional()
    .describe('what Temporal calls this worker, in place of the machine it runs on'),
  DROVER_ALLOWED_ROOTS: z
    .string()
    .default('')
    .describe('more folders that sources may lie in, separated by :'),
  DROVER_ALLOWED_HOSTS: hostsSchema.describe('hosts that sources may be on though their address is private'),
  DROVER_MAX_DOWNLOAD_BYTES: amount(50e9).describe('of one archive or manifest'),
  DROVER_MAX_UNPACKED_BYTES: amount(200e9).describe('that one archive may unpack to'),
  DROVER_MAX_SOURCE_FILES: amount(2_000_000).describe('files in one source'),
  DROVER_KAGGLE_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .default(kaggleEndpoint)
    .transform((address) => address.replace(/\/+$/, '')),
  DROVER_NOTIFICATIONS_TOKEN: z
    .string()
    .min(16, 'at least 16 characters')
    .optional()
    .describe("what senders of a bucket's notifications must show"),
  DROVER_MLFLOW_URI: mlflowUriSchema.optional().describe('an MLflow server that runs are sent to'),
  DROVER_MLFLOW_EXPERIMENT: z.string().max(200).default('drover'),
  DROVER_MLFLOW_TOKEN: z
    .string()
    // What a header may hold; anything else would fail with the token in the message.
    .regex(/^[\x21-\x7e]+$/, 'expected no spaces, and ASCII alone')
    .optional(),
  DROVER_WANDB_PROJECT: z
    .string()
    .regex(/^[\w.-]{1,128}$/, 'expected letters, digits, _, . and - alone')
    .optional()
    .describe('the project of offline runs for wandb sync'),
  DROVER_METRICS_HOST: z
    .string()
    .default('127.0.0.1')
    .refine((host) => isIP(host) !== 0, 'expected an IP address, such as 0.0.0.0')
    .describe('the address that workers tell Prometheus on'),
  // `start` takes the two ports after it as well.
  DROVER_METRICS_PORT: z.coerce
    .number()
    .int()
    .min(1)
    .max(65_533)
    .optional()
    .describe('the port that a worker tells Prometheus on; none without'),
  DROVER_LOG_LEVEL: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('a collector of OpenTelemetry that the API sends traces to'),
  OTEL_SERVICE_NAME: z.string().max(200).default('drover-api'),
  TEMPORAL_ADDRESS: z.string().optional().describe('a Temporal server that is there already'),
  TEMPORAL_NAMESPACE: z.string().default('default'),
  XDG_CACHE_HOME: z.string().optional(),
});

export interface Settings {
  /** The folder whose `configs/` and relative paths are meant. */
  readonly project: string;
  readonly home: string;
  readonly cache: string;
  /** An absolute folder, or `gs://bucket/prefix`. */
  readonly store: string;
  readonly gcsEndpoint: string | undefined;
  readonly cloudEndpoint: string | undefined;
  readonly model: string;
  /** What the API serves; the champion where there is none. */
  readonly modelVersion: number | undefined;
  readonly api: {
    readonly host: string;
    readonly port: number;
    readonly maxUploadBytes: number;
    readonly maxRequests: number;
    /** As many as there are cores where it is undefined. */
    readonly inferenceThreads: number | undefined;
    readonly deadlineMs: number;
    readonly challenging: Challenging;
  };
  /** Who may ask the API, and how often. */
  readonly guard: GuardSettings;
  /** What is kept of predictions. */
  readonly predictions: {
    readonly keep: 'off' | 'answers' | 'pictures';
    /** In [0, 1]. */
    readonly share: number;
    /** 0: for ever. */
    readonly days: number;
    readonly exif: boolean;
    /** That may wait for the store. */
    readonly maxBytes: number;
  };
  readonly temporal: {
    readonly address: string;
    readonly namespace: string;
    /** Set where Drover runs its own development server. */
    readonly development: { readonly port: number; readonly uiPort: number } | undefined;
  };
  /** Where the keys are that payloads are encrypted with; none where both are undefined. */
  readonly payloadKeys: { readonly file: string | undefined; readonly text: string | undefined };
  readonly codecToken: string | undefined;
  readonly device: 'auto' | 'cpu' | 'cuda';
  readonly gpuSlots: number | undefined;
  /** Milliseconds without progress after which a trainer counts as stuck. */
  readonly stallAfterMs: number;
  readonly workerName: string | undefined;
  readonly allowedRoots: readonly string[];
  readonly sources: {
    /** In lower case, each `host` or `host:port`. */
    readonly allowedHosts: readonly string[];
    /** Without a slash at its end. */
    readonly kaggleEndpoint: string;
    readonly limits: { readonly download: number; readonly unpacked: number; readonly files: number };
  };
  readonly notificationsToken: string | undefined;
  readonly tracking: Tracking;
  /** Where the API sends traces; undefined where it makes none. */
  readonly traces: { readonly endpoint: string; readonly service: string } | undefined;
  /** Where a worker answers Prometheus' `GET /metrics`; undefined where it does not. The API has its own, on its own port. */
  readonly workerMetrics: { readonly host: string; readonly port: number } | undefined;
  readonly logLevel: 'error' | 'warn' | 'info' | 'debug';
}

/**
 * The settings of one process. Called by entry points alone; everything else is given what it needs.
 *
 * @throws Failure `configuration-invalid`, naming the variable but not its value.
 */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
  folder: string,
): Settings {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = environmentSchema.safeParse(set);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
    throw new Failure('configuration-invalid', `Environment: ${wrong}. See docs/settings.md.`);
  }
  const env = parsed.data;
  requireKaggleAllowed(env.DROVER_KAGGLE_ENDPOINT, env.DROVER_ALLOWED_HOSTS);
  const project = resolve(folder);
  const home = resolve(project, env.DROVER_HOME ?? '.drover');
  return {
    project,
    home,
    cache: resolve(env.DROVER_CACHE ?? join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'drover')),
    store: env.DROVER_STORE === undefined ? join(home, 'store') : storePlace(env.DROVER_STORE, project),
    gcsEndpoint: env.DROVER_GCS_ENDPOINT,
    cloudEndpoint: env.DROVER_CLOUD_ENDPOINT,
    model: env.DROVER_MODEL,
    modelVersion: env.DROVER_MODEL_VERSION,
    api: {
      host: env.DROVER_API_HOST,
      port: env.DROVER_API_PORT,
      maxUploadBytes: env.DROVER_MAX_UPLOAD_BYTES,
      maxRequests: env.DROVER_MAX_REQUESTS,
      inferenceThreads: env.DROVER_INFERENCE_THREADS,
      deadlineMs: env.DROVER_DEADLINE_MS,
      challenging: env.DROVER_CHALLENGER,
    },
    guard: guardSettings(env, project),
    predictions: {
      keep: env.DROVER_KEEP_PREDICTIONS,
      share: env.DROVER_KEEP_SHARE,
      days: env.DROVER_KEEP_DAYS,
      exif: env.DROVER_KEEP_EXIF === 'yes',
      maxBytes: env.DROVER_SPOOL_BYTES,
    },
    temporal: {
      address: env.TEMPORAL_ADDRESS ?? `127.0.0.1:${env.DROVER_TEMPORAL_PORT}`,
      namespace: env.TEMPORAL_NAMESPACE,
      development:
        env.TEMPORAL_ADDRESS === undefined
          ? { port: env.DROVER_TEMPORAL_PORT, uiPort: env.DROVER_TEMPORAL_UI_PORT }
          : undefined,
    },
    payloadKeys: payloadKeyPlaces(env.DROVER_PAYLOAD_KEYS_FILE, env.DROVER_PAYLOAD_KEYS, project),
    codecToken: env.DROVER_CODEC_TOKEN,
    device: env.DROVER_DEVICE,
    gpuSlots: env.DROVER_GPU_SLOTS,
    stallAfterMs: env.DROVER_STALL_SECONDS * 1000,
    workerName: env.DROVER_WORKER_NAME,
    allowedRoots: [
      project,
      ...env.DROVER_ALLOWED_ROOTS.split(':')
        .filter((root) => root !== '')
        .map((root) => resolve(project, root)),
    ],
    sources: {
      allowedHosts: env.DROVER_ALLOWED_HOSTS,
      kaggleEndpoint: env.DROVER_KAGGLE_ENDPOINT,
      limits: {
        download: env.DROVER_MAX_DOWNLOAD_BYTES,
        unpacked: env.DROVER_MAX_UNPACKED_BYTES,
        files: env.DROVER_MAX_SOURCE_FILES,
      },
    },
    notificationsToken: env.DROVER_NOTIFICATIONS_TOKEN,
    tracking: {
      ...(env.DROVER_MLFLOW_URI !== undefined && {
        mlflow: {
          uri: env.DROVER_MLFLOW_URI,
          experiment: env.DROVER_MLFLOW_EXPERIMENT,
          ...(env.DROVER_MLFLOW_TOKEN !== undefined && { token: env.DROVER_MLFLOW_TOKEN }),
        },
      }),
      ...(env.DROVER_WANDB_PROJECT !== undefined && { wandb: { project: env.DROVER_WANDB_PROJECT } }),
    },
    traces:
      env.OTEL_EXPORTER_OTLP_ENDPOINT === undefined
        ? undefined
        : { endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT, service: env.OTEL_SERVICE_NAME },
    workerMetrics:
      env.DROVER_METRICS_PORT === undefined
        ? undefined
        : { host: env.DROVER_METRICS_HOST, port: env.DROVER_METRICS_PORT },
    logLevel: env.DROVER_LOG_LEVEL,
  };
}

function payloadKeyPlaces(
  file: string | undefined,
  text: string | undefined,
  project: string,
): Settings['payloadKeys'] {
  if (file !== undefined && text !== undefined) {
    throw new Failure(
      'configuration-invalid',
      'Environment: DROVER_PAYLOAD_KEYS_FILE and DROVER_PAYLOAD_KEYS are both set; one of them says which keys count.',
    );
  }
  return { file: file === undefined ? undefined : resolve(project, file), text };
}

/** Whoever answers there is shown the key to a Kaggle account. */
function requireKaggleAllowed(endpoint: string, allowedHosts: readonly string[]): void {
  const { host, hostname } = new URL(endpoint);
  if (endpoint === kaggleEndpoint || allowedHosts.includes(host) || allowedHosts.includes(hostname)) return;
  throw new Failure(
    'configuration-invalid',
    'Environment: DROVER_KAGGLE_ENDPOINT: its host is not in DROVER_ALLOWED_HOSTS. See docs/settings.md.',
  );
}

/** An address of a kind that there is no store for must not become a folder of that name. */
function storePlace(given: string, project: string): string {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(given)?.[1]?.toLowerCase();
  if (scheme === undefined) return resolve(project, given);
  const rest = given.slice(`${scheme}://`.length);
  if (scheme === 'gs') return `gs://${rest}`;
  try {
    if (scheme === 'file') return fileURLToPath(given);
  } catch {
    // Said below, without the value.
  }
  throw new Failure(
    'configuration-invalid',
    `Environment: DROVER_STORE: found ${scheme === 'file' ? 'a file:// URL that names no folder here' : `${scheme}://`}` +
      '; expected a folder, file:///folder or gs://bucket/prefix. See docs/settings.md.',
  );
}
