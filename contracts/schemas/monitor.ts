import { z } from 'zod';
import { waitMilliseconds } from '../waits';
import { driftFindingsSchema, driftSettingsSchema, driftVerdicts } from './drift';
import { nameSchema } from './name';
import { waitSchema } from './promotion';

/** Each reminder lengthens the history of the workflow that waits, which has an end. */
const mostReminders = 100;

/** What follows where a look finds drift. */
export const breachPolicies = ['alert', 'ask', 'pipeline'] as const;
export type BreachPolicy = (typeof breachPolicies)[number];

/** `configs/monitor.yaml`. */
export const monitorConfigSchema = z.strictObject({
  model: nameSchema
    .optional()
    .describe('whose champion is looked at; left out: that of configs/pipeline.yaml'),
  every: waitSchema.default('1d').describe('between two looks, once they are on a schedule'),
  window: waitSchema.default('1d').describe('how far back predictions are looked at'),
  most: z
    .int()
    .min(50)
    .max(20_000)
    .default(1000)
    .describe('predictions that are compared; of more, so many are drawn'),
  reference: z
    .int()
    .min(50)
    .max(20_000)
    .default(1000)
    .describe("of the version's own validation and test pictures, which the window is compared with"),
  pictures: z
    .int()
    .min(0)
    .max(100)
    .default(24)
    .describe('the most foreign ones, shown in the report; 0 keeps every picture out of it'),
  keep: z
    .int()
    .min(1)
    .max(10_000)
    .default(100)
    .describe('looks whose report is kept; older ones are removed'),
  drift: driftSettingsSchema.prefault({}),
  on_breach: z
    .enum(breachPolicies)
    .default('alert')
    .describe(
      'alert: webhooks and metrics alone; ask: a person decides on a pipeline; pipeline: one is started',
    ),
  approval: z
    .strictObject({
      deadline: waitSchema.default('3d').describe('after this, no pipeline is started'),
      reminder: waitSchema.default('1d').describe('how often it is said again that somebody is waited for'),
    })
    .refine(
      ({ deadline, reminder }) => waitMilliseconds(deadline) <= mostReminders * waitMilliseconds(reminder),
      {
        path: ['reminder'],
        message: `expected longer: it would be said more than ${mostReminders} times until the deadline`,
      },
    )
    .prefault({}),
  cooldown: waitSchema
    .default('7d')
    .describe(
      'after a person has rejected, nobody has decided, or a pipeline was started: how long nothing follows drift of the same version again',
    ),
  retrain: z
    .strictObject({
      config: z.string().min(1).max(500).optional().describe("a pipeline's; left out: configs/pipeline.yaml"),
      overrides: z.array(z.string().max(2000)).max(100).default([]).describe('key.path=value, on top of it'),
    })
    .prefault({})
    .describe('the pipeline that is started'),
});
export type MonitorConfig = z.infer<typeof monitorConfigSchema>;

/** What the workflow `monitor` is started with. */
export const monitorInputSchema = z
  .strictObject({
    config: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
    overrides: z.array(z.string()).optional(),
    until: z.iso.datetime().optional().describe("the window's end; left out: when the look began"),
    dryRun: z.boolean().optional().describe('compares and reports; tells nobody and starts nothing'),
  })
  .prefault({});

/** `too-few`: there are fewer predictions than a comparison needs, which says nothing of drift. */
export const lookVerdicts = driftVerdicts;
export type LookVerdict = (typeof lookVerdicts)[number];

/** The predictions of a window, and what became of them. */
export const lookWindowSchema = z.strictObject({
  since: z.iso.datetime(),
  until: z.iso.datetime(),
  /** Kept answers of the version that is looked at. */
  predictions: z.int().min(0),
  /** Answers of other versions in the same time, which are left out. */
  others: z.int().min(0),
  /** Of `predictions`: of a picture that was in the window before, which counts once. */
  repeated: z.int().min(0),
  /** Of `predictions`: compared; without a picture, as none was kept; with one that can't be read any more. */
  compared: z.int().min(0),
  withoutPicture: z.int().min(0),
  unreadable: z.int().min(0),
  /** Of those compared, how many have a true class that somebody said. */
  labelled: z.int().min(0),
});
export type LookWindow = z.infer<typeof lookWindowSchema>;

/** `drift/<model>/looks/<id>/look.json`: one comparison of what users send with what the version was made of. */
export const lookSchema = z.strictObject({
  id: z.string(),
  model: nameSchema,
  version: z.int().min(1),
  /** SHA-256 of the version's ONNX file. */
  digest: z.string(),
  /** When the look began. */
  at: z.iso.datetime(),
  workflow: z.string(),
  dryRun: z.boolean(),
  policy: z.enum(breachPolicies),
  window: lookWindowSchema,
  /** Where in the store it lies, and of how many pictures it is. */
  reference: z.strictObject({ key: z.string(), pictures: z.int().min(0) }),
  verdict: z.enum(lookVerdicts),
  /** In a sentence, for people. */
  reason: z.string(),
  findings: driftFindingsSchema,
  /** `store://…/report.html` */
  report: z.string(),
});
export type Look = z.infer<typeof lookSchema>;

export const followUpStates = [
  'waiting',
  'starting',
  'started',
  'rejected',
  'expired',
  'cancelled',
  'failed',
] as const;

/** `drift/<model>/looks/<id>/follow-up.json`: what came after a look that found drift, where the policy is more than to tell. */
export const followUpSchema = z.strictObject({
  look: z.string(),
  model: nameSchema,
  version: z.int().min(1),
  workflow: z.string(),
  state: z.enum(followUpStates),
  since: z.iso.datetime(),
  deadline: z.iso.datetime().optional(),
  reminders: z.int().min(0),
  answer: z
    .strictObject({ approved: z.boolean(), by: z.string(), reason: z.string(), at: z.iso.datetime() })
    .optional(),
  /** Reviewed labels that became part of the dataset, and its version; missing where there were none. */
  labels: z.strictObject({ pictures: z.int().min(0), version: z.string() }).optional(),
  /** The workflow's id of the pipeline that was started, or was under way already. */
  pipeline: z.string().optional(),
  reason: z.string(),
});
export type FollowUp = z.infer<typeof followUpSchema>;
