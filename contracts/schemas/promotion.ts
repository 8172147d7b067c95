import { z } from 'zod';
import { refSchema, splitNames } from './documents';
import { classMetrics, evaluationMetrics, sliceKinds } from './evaluation';
import { waitMilliseconds } from '../waits';
import { nameSchema } from './name';

/** What a gate may ask of beside an evaluation's own figures. */
export const modelMetrics = ['parity', 'data_age_days'] as const;

/** By every name that a gate's `metric` may have. */
export const gateMetrics = [
  ...new Set([...evaluationMetrics, ...classMetrics, ...modelMetrics]),
] as const satisfies readonly string[];

/** What is compared picture by picture. Of the classes' figures, recall alone: its pictures are the class's own. */
const comparedMetrics = ['accuracy', 'loss', 'brier', 'recall'] as const;

export const onUndecided = ['refuse', 'approve-by-person', 'pass'] as const;
export type OnUndecided = (typeof onUndecided)[number];

const isOneOf = (names: readonly string[], name: string): boolean => names.includes(name);

/**
 * One condition: a floor (`min`), a ceiling (`max`), or not being worse than the champion by more than a margin
 * (`not_worse_by`); several of them on one figure may stand together.
 */
export const gateSchema = z
  .strictObject({
    metric: z.enum(gateMetrics),
    class: z
      .string()
      .min(1)
      .optional()
      .describe("a class's own figure: its name, or every, of which the worst counts"),
    slice: z
      .strictObject({ by: z.enum(sliceKinds), name: z.string().min(1).optional() })
      .optional()
      .describe('the accuracy on a part of the pictures: by what, and its name; without one, on every part'),
    min: z.number().optional(),
    max: z.number().optional(),
    not_worse_by: z
      .number()
      .positive()
      .optional()
      .describe(
        'a margin, in the units of the metric: 95 % sure to be less than so much worse than the champion',
      ),
    on_undecided: z
      .enum(onUndecided)
      .optional()
      .describe('where there are too few pictures, or the figure is missing'),
  })
  .superRefine((gate, context) => {
    const { metric } = gate;
    const wrong = (key: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [key], message });
    if (gate.min === undefined && gate.max === undefined && gate.not_worse_by === undefined) {
      context.addIssue({ code: 'custom', message: 'asks nothing; expected min, max or not_worse_by' });
    }
    if (gate.min !== undefined && gate.max !== undefined && gate.min > gate.max) {
      wrong('min', 'expected at most what max is');
    }
    const ofClass = isOneOf(classMetrics, metric);
    if (gate.class !== undefined && !ofClass) {
      wrong('class', `goes with ${classMetrics.join(', ')}, which a class has of its own`);
    }
    if (gate.class === undefined && ofClass && !isOneOf(evaluationMetrics, metric)) {
      wrong('metric', `is a class's own figure; add class: every or a class's name, or use macro_${metric}`);
    }
    if (gate.slice !== undefined && metric !== 'accuracy') wrong('slice', 'goes with metric: accuracy');
    if (gate.not_worse_by !== undefined) {
      if (!isOneOf(comparedMetrics, metric)) {
        wrong(
          'not_worse_by',
          `goes with ${comparedMetrics.join(', ')}, which are compared picture by picture`,
        );
      }
      if (gate.slice !== undefined) wrong('not_worse_by', 'does not go with slice; a class has its recall');
    }
  });
export type Gate = z.infer<typeof gateSchema>;

/** `90s`, `30m`, `12h`, `3d`. */
export const waitSchema = z
  .string()
  .regex(/^[1-9]\d{0,4}[smhd]$/, 'expected a number with s, m, h or d, such as 12h or 3d');

/** Each reminder lengthens the history of the workflow that waits, which has an end. */
const mostReminders = 100;

export const approvalSchema = z
  .strictObject({
    required: z
      .union([z.boolean(), z.enum(['when-undecided'])])
      .default(false)
      .describe(
        'true: a person decides on every version that passes its gates; when-undecided: on those alone',
      ),
    deadline: waitSchema.default('3d').describe('after this, the version is not promoted'),
    reminder: waitSchema.default('1d').describe('how often it is said again that somebody is waited for'),
  })
  .refine(
    ({ deadline, reminder }) => waitMilliseconds(deadline) <= mostReminders * waitMilliseconds(reminder),
    {
      path: ['reminder'],
      message: `expected longer: it would be said more than ${mostReminders} times until the deadline`,
    },
  );

/** What a version must meet. */
export const rulesSchema = z.strictObject({
  min_improvement: z
    .number()
    .min(0)
    .max(1)
    .optional()
    .describe(
      "by how much the test accuracy must exceed the champion's; 0 where no gate compares the two, else nothing",
    ),
  min_accuracy: z.number().min(0).max(1).default(0).describe('the least test accuracy for any champion'),
  gates: z.array(gateSchema).max(50).default([]),
  audit: z
    .strictObject({
      dataset: nameSchema.describe('another dataset, whose newest version no training sees'),
      gates: z.array(gateSchema).min(1).max(50),
    })
    .optional()
    .describe('gates on test pictures that nothing else looks at, once all other gates have passed'),
  approval: approvalSchema.prefault({}),
  warn_over_uses: z
    .int()
    .min(1)
    .max(10_000)
    .default(20)
    .describe('of one set of test pictures by promotions of one model, before each is warned of'),
});

/** `promote:` of a pipeline's configuration, and a promotion's `rules`. */
export const promotionSchema = rulesSchema.prefault({});
export type Promotion = z.infer<typeof promotionSchema>;
export type PromotionInput = NonNullable<z.input<typeof promotionSchema>>;

export const gateVerdicts = ['pass', 'fail', 'undecided'] as const;
export type GateVerdict = (typeof gateVerdicts)[number];

/** What came of one gate. */
export const gateOutcomeSchema = z.strictObject({
  /** What was asked, for people and for telling gates apart: `recall of every class ≥ 0.5`. */
  gate: z.string(),
  verdict: z.enum(gateVerdicts),
  /** The number that was judged: the candidate's figure, or the bound of its difference from the champion's. */
  value: z.number().nullable(),
  limit: z.number(),
  /** One sentence for people. */
  why: z.string(),
  /** What happens where the verdict is `undecided`. */
  onUndecided: z.enum(onUndecided),
});
export type GateOutcome = z.infer<typeof gateOutcomeSchema>;

/** Of the test pictures that a promotion is judged on. */
export const gateSetSchema = z.strictObject({
  manifest: refSchema<'manifest'>(),
  split: z.enum(splitNames),
  pictures: z.int(),
  /** Promotions of this model that were judged on them, this one among them. */
  uses: z.int().min(1),
  /** A warning, where there were more than `warn_over_uses`. */
  warning: z.string().optional(),
});
export type GateSet = z.infer<typeof gateSetSchema>;

/**
 * - `waiting`: for a person · `promoted` · `refused` by a gate · `rejected` by a person · `expired`: nobody decided in time ·
 *   `judged`: a dry run, which moves nothing · `cancelled`: its workflow was.
 */
export const promotionStates = [
  'waiting',
  'promoted',
  'refused',
  'rejected',
  'expired',
  'judged',
  'cancelled',
] as const;
export type PromotionState = (typeof promotionStates)[number];

/** `models/<name>/promotions/<id>.json`: what one promotion judged and decided, and why. */
export const promotionRecordSchema = z.strictObject({
  id: z.string(),
  model: z.string(),
  version: z.int().min(1),
  state: z.enum(promotionStates),
  /** Whether it was asked to move nothing. */
  dryRun: z.boolean(),
  /** A person, or a workflow's id. */
  by: z.string(),
  /** Why it was asked for, where somebody said. */
  asked: z.string().optional(),
  /** The workflow's id. */
  workflow: z.string(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().optional(),
  /** The version that it was judged against; null where there was no champion. */
  champion: z.int().min(1).nullable(),
  evaluation: refSchema<'evaluation'>(),
  championEvaluation: refSchema<'evaluation'>().optional(),
  gateSet: gateSetSchema,
  /** The sealed pictures, where they were looked at. */
  audit: gateSetSchema.optional(),
  gates: z.array(gateOutcomeSchema),
  /** What was decided, in a sentence. */
  reason: z.string(),
  /** Where a person was asked. */
  approval: z
    .strictObject({
      since: z.iso.datetime(),
      deadline: z.iso.datetime(),
      reminders: z.int().min(0),
      answer: z
        .strictObject({
          approved: z.boolean(),
          by: z.string(),
          reason: z.string(),
          at: z.iso.datetime(),
        })
        .optional(),
    })
    .optional(),
});
export type PromotionRecord = z.infer<typeof promotionRecordSchema>;

/** `models/<name>/gate-uses/<manifest>.json`, moved by compare-and-swap: which promotions looked at a test set. */
export const gateUsesSchema = z.strictObject({
  uses: z.array(
    z.strictObject({
      promotion: z.string(),
      version: z.int().min(1),
      at: z.iso.datetime(),
      by: z.string(),
    }),
  ),
});
export type GateUses = z.infer<typeof gateUsesSchema>;
