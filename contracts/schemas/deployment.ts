import { z } from 'zod';
import { targetNames } from '../deployment-targets';
import { waitMilliseconds } from '../waits';
import { sha256Schema } from './documents';
import { nameSchema } from './pipeline';
import { waitSchema } from './promotion';
import { whoSchema, whySchema } from './words';

/** Each is some lines in the workflow's history. */
const mostLooks = 500;

/** The workflow gives a step 20 minutes, in which more than this wait has to be done. */
const longestWait = '15m';

const apiKeySchema = z
  .string()
  .regex(/^[A-Z0-9_]{1,64}$/, 'capitals, digits and _')
  .optional()
  .describe(
    'where the API asks for keys: the key is DROVER_SECRET_<name>, for the host in DROVER_SECRET_<name>_HOST',
  );

const share = z.number().gt(0).lt(1);

export const watchSchema = z
  .strictObject({
    steps: z
      .array(z.int().min(1).max(100))
      .min(1)
      .max(20)
      .default([10, 50, 100])
      .refine(
        (steps) => steps.every((step, at) => at === 0 || step > (steps[at - 1] ?? 0)) && steps.at(-1) === 100,
        'expected ascending percentages that end with 100',
      )
      .describe(
        'percent of the traffic, one after the other; local, which divides none, goes to 100 at once',
      ),
    time: waitSchema.default('5m').describe('how long each step is watched, at least'),
    longest: waitSchema
      .default('30m')
      .describe('how long, at most, where too few requests have come to decide'),
    every: waitSchema.default('30s').describe('between two looks'),
    max_error_increase: share
      .default(0.02)
      .describe('by how much the share of failed requests may exceed the old version’s'),
    max_error_rate: share
      .default(0.05)
      .describe('the largest share of failed requests where nothing is known of the old version'),
    max_slower: z
      .number()
      .min(1)
      .max(100)
      .default(1.5)
      .describe('how many times the old version’s 95th percentile 5 % of the requests may take'),
    max_latency_ms: z
      .number()
      .positive()
      .default(2000)
      .describe('the same as milliseconds, where nothing is known of the old version'),
    on_undecided: z
      .enum(['go-back', 'go-on'])
      .default('go-back')
      .describe('where after the longest time too few requests have come to decide'),
  })
  .superRefine(({ time, longest, every }, context) => {
    const wrong = (key: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [key], message });
    if (waitMilliseconds(longest) < waitMilliseconds(time))
      wrong('longest', 'expected at least what time is');
    if (waitMilliseconds(longest) / waitMilliseconds(every) > mostLooks) {
      wrong('every', `expected at most ${mostLooks} looks in the longest time`);
    }
  })
  .prefault({});
export type Watch = z.infer<typeof watchSchema>;

const serviceName = /^[a-z](?:[a-z0-9-]{0,47}[a-z0-9])?$/;

export const cloudRunSchema = z.strictObject({
  project: z.string().regex(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/, "expected a project's id, such as pets-12345"),
  region: z.string().regex(/^[a-z]+-[a-z]+\d+$/, 'expected a region, such as europe-west1'),
  service: z.string().regex(serviceName, 'expected the name of a Cloud Run service of at most 49 characters'),
  image: z
    .string()
    .max(500)
    .regex(
      /^[a-z0-9-]+-docker\.pkg\.dev\/[a-z0-9._:-]+(?:\/[a-z0-9._-]+)+@sha256:[0-9a-f]{64}$/,
      "expected the API's image in Artifact Registry by its digest, REGION-docker.pkg.dev/PROJECT/REPOSITORY/IMAGE@sha256:…",
    ),
  store: z
    .string()
    .regex(/^gs:\/\/[a-z0-9][a-z0-9._/-]+$/, 'expected gs://bucket/prefix')
    .optional()
    .describe("the store that the service reads (default: the worker's own)"),
  ready_within: waitSchema.default('5m').describe('how long the new revision may take to become ready'),
  metrics_lag: waitSchema.default('3m').describe('how long Cloud Monitoring takes to show a request'),
  api_key: apiKeySchema,
});
export type CloudRunConfig = z.infer<typeof cloudRunSchema>;

/** `configs/deploy.yaml`. */
export const deployConfigSchema = z
  .strictObject({
    target: z.enum(targetNames).default('local'),
    smoke: z
      .strictObject({
        pictures: z.int().min(1).max(50).default(3).describe('of the prepared set, the test ones first'),
        within: waitSchema.default('1m').describe('how long the new version may take to answer at all'),
        tolerance: z
          .number()
          .gt(0)
          .max(1)
          .default(0.01)
          .describe("how far a probability may be from the evaluation's"),
      })
      .prefault({}),
    watch: watchSchema,
    local: z
      .strictObject({
        address: z
          .url({ protocol: /^https?$/ })
          .optional()
          .describe("of the API (default: this project's)"),
        probes: z.int().min(1).max(1000).default(10).describe('pictures that are sent at each look'),
        api_key: apiKeySchema,
      })
      .prefault({}),
    cloud_run: cloudRunSchema.optional(),
  })
  .superRefine(({ smoke, cloud_run }, context) => {
    const waits = { 'smoke.within': smoke.within, 'cloud_run.ready_within': cloud_run?.ready_within };
    for (const [key, wait] of Object.entries(waits)) {
      if (wait === undefined || waitMilliseconds(wait) <= waitMilliseconds(longestWait)) continue;
      const message = `expected at most ${longestWait}: a step that takes longer is given up`;
      context.addIssue({ code: 'custom', path: key.split('.'), message });
    }
  })
  .prefault({});
export type DeployConfig = z.infer<typeof deployConfigSchema>;

/** What the workflow `deploy` is started with. */
export const deployInputSchema = z.strictObject({
  model: nameSchema,
  version: z.int().min(1).optional(),
  target: z.enum(targetNames).optional(),
  dryRun: z.boolean().default(false),
  by: whoSchema.default('deploy'),
  reason: whySchema.optional(),
  config: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
  overrides: z.array(z.string()).optional(),
});

/** Requests that a version has answered; latencies as a histogram: `counts[i]` at most `bounds[i]` ms, the last above all. */
export const trafficFiguresSchema = z.strictObject({
  requests: z.int().min(0),
  /** Answered with 5xx, or not at all. */
  errors: z.int().min(0),
  latency: z.strictObject({ bounds: z.array(z.number()), counts: z.array(z.number().min(0)) }),
});
export type TrafficFigures = z.infer<typeof trafficFiguresSchema>;

/** For people and records. */
export const figuresSummarySchema = z.strictObject({
  requests: z.int().min(0),
  errors: z.int().min(0),
  p50Ms: z.number().nullable(),
  p95Ms: z.number().nullable(),
});
export type FiguresSummary = z.infer<typeof figuresSummarySchema>;

export const stepStates = ['waiting', 'running', 'done', 'failed'] as const;

export const deploymentStepSchema = z.strictObject({
  /** `prepare`, `smoke`, `10 %`, `settle`, `go back`. */
  step: z.string(),
  /** What it will do, for people. */
  plan: z.string(),
  state: z.enum(stepStates),
  startedAt: z.iso.datetime().optional(),
  endedAt: z.iso.datetime().optional(),
  /** What came of it. */
  note: z.string().optional(),
  /** Of the last look. */
  figures: z
    .strictObject({ new: figuresSummarySchema, old: figuresSummarySchema.optional(), looks: z.int() })
    .optional(),
});
export type DeploymentStep = z.infer<typeof deploymentStepSchema>;

/**
 * - `running` · `serving`: the new version answers everything · `went-back`: the old one does · `overtaken`: someone else
 *   changed what was being deployed to, which was left as they made it · `stuck`: it could not be gone back · `planned`: a
 *   dry run, which changes nothing.
 */
export const deploymentStates = ['running', 'serving', 'went-back', 'overtaken', 'stuck', 'planned'] as const;
export type DeploymentState = (typeof deploymentStates)[number];

/** `deployments/<id>.json`. */
export const deploymentRecordSchema = z.strictObject({
  id: z.string(),
  model: z.string(),
  version: z.int().min(1),
  /** SHA-256 of the file that answers. */
  digest: sha256Schema,
  target: z.enum(targetNames),
  /** Where, for people: an address, or a service. */
  place: z.string(),
  /** What answered before, for people. */
  before: z.string(),
  state: z.enum(deploymentStates),
  by: z.string(),
  reason: z.string().optional(),
  workflow: z.string(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().optional(),
  steps: z.array(deploymentStepSchema),
  /** How it ended, in a sentence. */
  outcome: z.string().optional(),
});
export type DeploymentRecord = z.infer<typeof deploymentRecordSchema>;
