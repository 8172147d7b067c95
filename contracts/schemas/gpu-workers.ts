import { z } from 'zod';
import { waitMilliseconds } from '../waits';
import { waitSchema } from './promotion';

/** Vertex AI ends a job that has run for longer. */
const longestDays = 7;

const region = z.string().regex(/^[a-z]+-[a-z]+\d+$/, 'expected a region, such as europe-west4');

/** The name of a secret in Secret Manager, never the secret. */
const secretName = z
  .string()
  .regex(
    /^projects\/[a-z0-9-]+\/secrets\/[A-Za-z0-9_-]{1,255}\/versions\/(?:latest|\d+)$/,
    "expected a secret's name, such as projects/pets-12345/secrets/temporal-key/versions/latest",
  );

const secretVariables = [
  'TEMPORAL_API_KEY',
  'TEMPORAL_TLS_CLIENT_CERT_DATA',
  'TEMPORAL_TLS_CLIENT_KEY_DATA',
] as const;

const pricedSchema = z.strictObject({
  machine: z.string(),
  accelerator: z.string(),
  region: region.optional().describe('left out: any that has no line of its own'),
  spot: z.number().positive().describe('an hour of one job, machine and accelerators together'),
  on_demand: z.number().positive(),
});

const pricesSchema = z.strictObject({
  dated: z.iso.date(),
  source: z.string().min(1),
  currency: z.string().regex(/^[A-Z]{3}$/, 'expected three letters, such as USD'),
  hourly: z.array(pricedSchema).min(1).max(200),
});

/** `configs/gpu-workers.yaml`. */
export const gpuWorkersConfigSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?$/, 'expected lower-case letters, digits and -, at most 40')
      .describe('labels every job; no two projects of Drover may share it in one project of Google'),
    vertex: z.strictObject({
      project: z
        .string()
        .regex(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/, "expected a project's id, such as pets-12345"),
      regions: z
        .array(region)
        .min(1)
        .max(20)
        .refine((regions) => new Set(regions).size === regions.length, 'expected each region once')
        .describe('the first that has room is taken'),
      image: z
        .string()
        .max(500)
        .regex(
          /^[a-z0-9-]+-docker\.pkg\.dev\/[a-z0-9._:-]+(?:\/[a-z0-9._-]+)+@sha256:[0-9a-f]{64}$/,
          'expected the GPU worker in Artifact Registry by its digest, REGION-docker.pkg.dev/PROJECT/REPOSITORY/IMAGE@sha256:…',
        ),
      machine: z.string().max(100).default('n1-standard-4'),
      accelerator: z
        .string()
        .regex(/^[A-Z][A-Z0-9_]{2,60}$/, 'expected such as NVIDIA_TESLA_T4')
        .default('NVIDIA_TESLA_T4'),
      accelerators: z
        .int()
        .min(1)
        .max(16)
        .default(1)
        .describe('of each job; each takes one training at once'),
      spot: z
        .boolean()
        .default(true)
        .describe('cheaper, and may be taken away: a training goes on elsewhere'),
      disk_gb: z.int().min(100).max(2000).default(100),
      service_account: z.email().optional(),
      network: z
        .string()
        .regex(
          /^projects\/\d+\/global\/networks\/[a-z0-9-]+$/,
          'expected projects/NUMBER/global/networks/NAME',
        )
        .optional()
        .describe('a VPC that is peered with Vertex AI, where Temporal is reached through it'),
    }),
    worker: z.strictObject({
      temporal_address: z
        .string()
        .regex(/^[A-Za-z0-9.[\]:-]+:\d{1,5}$/, 'expected host:port')
        .describe('as the job reaches it'),
      temporal_namespace: z.string().min(1).max(200).default('default'),
      store: z
        .string()
        .regex(/^gs:\/\/[a-z0-9][a-z0-9._/-]+$/, 'expected gs://bucket/prefix')
        .optional()
        .describe("left out: the store of the worker that starts the job, which must be a bucket's"),
      end_when_idle: waitSchema.default('10m'),
      longest: waitSchema
        .default('1d')
        .refine(
          (wait) => waitMilliseconds(wait) <= longestDays * 86_400_000,
          `expected at most ${longestDays}d, the most that Vertex AI allows`,
        )
        .describe('after this Google ends the job, whatever it does'),
      secrets: z
        .partialRecord(z.enum(secretVariables), secretName)
        .default({})
        .describe('which the worker itself reads from Secret Manager when it starts'),
      environment: z
        .record(
          z.string().regex(/^(?:DROVER|TF)_[A-Z0-9_]{1,100}$/, 'expected DROVER_… or TF_…'),
          z.string().max(2000),
        )
        .refine(
          (environment) => Object.keys(environment).every((name) => !/TOKEN|SECRET|KEY|PASSWORD/.test(name)),
          'expected no secret: everybody who may look at the job reads its environment',
        )
        .default({}),
    }),
    most: z.int().min(1).max(50).default(2).describe('jobs at once'),
    most_a_day: z.number().positive().describe("of money, by the table's prices, in a day of UTC"),
    backlog_per_worker: z
      .int()
      .min(1)
      .max(1000)
      .default(2)
      .describe('trainings that wait, for each place to train that is started; the first is started for one'),
    every: waitSchema.default('1m').describe('between two looks'),
    cool_down: waitSchema.default('2m').describe('between two starts'),
    start_within: waitSchema.default('30m').describe('a job whose worker has not come by then is stopped'),
    silent_for: waitSchema.default('10m').describe('a job whose worker was there and is silent is stopped'),
    retry_region_after: waitSchema
      .default('5m')
      .describe('where a region has no room; twice as long each time, up to 2h'),
    prices: pricesSchema,
  })
  .superRefine(({ vertex, prices }, context) => {
    for (const each of vertex.regions) {
      if (priceOf({ vertex, prices }, each) !== undefined) continue;
      context.addIssue({
        code: 'custom',
        path: ['prices', 'hourly'],
        message: `has no price of ${vertex.machine} with ${vertex.accelerator} in ${each}; without one, most_a_day can't be kept`,
      });
    }
  });
export type GpuWorkersConfig = z.infer<typeof gpuWorkersConfigSchema>;

/** What an hour of a job costs by the table: an estimate; undefined where the table has no such line. */
export function priceOf(
  {
    vertex,
    prices,
  }: {
    vertex: Pick<GpuWorkersConfig['vertex'], 'machine' | 'accelerator' | 'spot'>;
    prices: GpuWorkersConfig['prices'];
  },
  inRegion: string,
): number | undefined {
  const lines = prices.hourly.filter(
    ({ machine, accelerator }) => machine === vertex.machine && accelerator === vertex.accelerator,
  );
  const line =
    lines.find((each) => each.region === inRegion) ?? lines.find((each) => each.region === undefined);
  return vertex.spot ? line?.spot : line?.on_demand;
}

/** What the workflow `gpuWorkers` is started with. */
export const gpuWorkersInputSchema = z
  .strictObject({
    mode: z
      .enum(['look', 'plan', 'start', 'stop'])
      .default('look')
      .describe('plan changes nothing; stop ends every job, and keeps any from being started until start'),
    config: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
    overrides: z.array(z.string()).optional(),
  })
  .prefault({});

/**
 * - `asked`: written down before Google was asked; whether it was made is not known yet · `starting`: it is there, its worker
 *   is not · `working`: its worker polls · `stopping`: to be cancelled, or being so · `ended`
 */
export const gpuJobStates = ['asked', 'starting', 'working', 'stopping', 'ended'] as const;

export const gpuJobSchema = z.strictObject({
  /** The worker's name and the job's label, given before anything is asked for. */
  name: z.string(),
  pool: z.string(),
  project: z.string(),
  region: z.string(),
  state: z.enum(gpuJobStates),
  askedAt: z.iso.datetime(),
  slots: z.int().min(1),
  spot: z.boolean(),
  /** The price of an hour when it was asked for. */
  hourly: z.number().positive(),
  currency: z.string(),
  /** `projects/…/customJobs/…`, once it is known. */
  job: z.string().optional(),
  /** As Google has them: from when on it is paid for. */
  startedAt: z.iso.datetime().optional(),
  endedAt: z.iso.datetime().optional(),
  /** When its worker was first and last heard of. */
  workerSince: z.iso.datetime().optional(),
  workerSeen: z.iso.datetime().optional(),
  /** Why it was stopped, or how it ended. */
  note: z.string().optional(),
});
export type GpuJob = z.infer<typeof gpuJobSchema>;

const regionWaitSchema = z.strictObject({
  until: z.iso.datetime(),
  failures: z.int().min(1),
  why: z.string(),
});

/** `gpu-workers/record.json`, moved by compare-and-swap. */
export const gpuWorkersRecordSchema = z.strictObject({
  /** Of the last job, ever: no name is given twice. */
  number: z.int().min(0),
  /** While it is true nothing is started: somebody said stop. */
  stopped: z.boolean(),
  jobs: z.array(gpuJobSchema),
  /** Regions that are not asked until then. */
  waits: z.record(z.string(), regionWaitSchema),
  /** Of jobs that are no longer listed. */
  before: z.strictObject({ jobs: z.int(), hours: z.number(), cost: z.number() }),
  lookedAt: z.iso.datetime().optional(),
  /** What the last look saw and did, for people. */
  said: z.array(z.string()),
});
export type GpuWorkersRecord = z.infer<typeof gpuWorkersRecordSchema>;
