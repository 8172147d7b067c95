import { z } from 'zod';
import { driftCheckIds, driftCheckVerdicts, driftGroupNames, driftVerdicts } from './drift';
import { breachPolicies, followUpStates } from './monitor';

/** The answer of `GET /v1/drift`: an open object, as every answer of the API. */

const checkSchema = z.object({
  id: z.enum(driftCheckIds),
  kind: z.enum(driftGroupNames).describe('what it looks at'),
  name: z.string(),
  verdict: z.enum(driftCheckVerdicts),
  measure: z.string().describe('what `statistic` is'),
  statistic: z.number().nullable(),
  p: z.number().min(0).max(1).nullable().describe('of this check alone'),
  adjusted: z.number().min(0).max(1).nullable().describe('corrected for all checks of the window'),
  effect: z
    .object({ measure: z.string(), value: z.number() })
    .nullable()
    .describe('how large the difference is'),
  why: z.string(),
});

export const driftAnswerSchema = z
  .object({
    model: z.string(),
    version: z.int().min(1),
    look: z.string().describe("the look's id, as `drover monitor list` has it"),
    at: z.iso.datetime().describe('when it was made'),
    verdict: z
      .enum(driftVerdicts)
      .describe('`too-few`: too few pictures to tell, which says nothing of drift'),
    reason: z.string(),
    policy: z.enum(breachPolicies).describe('what follows where drift is found'),
    window: z
      .object({
        since: z.iso.datetime(),
        until: z.iso.datetime(),
        predictions: z.int().min(0),
        compared: z.int().min(0),
        labelled: z.int().min(0).describe('of those compared, how many have a true class that somebody said'),
      })
      .describe('the predictions that were looked at'),
    reference: z.object({ pictures: z.int().min(0) }).describe('what they were compared with'),
    checks: z.array(checkSchema),
    followed: z
      .object({ state: z.enum(followUpStates), pipeline: z.string().optional() })
      .nullable()
      .describe('what came of it, where the policy is more than to alert'),
  })
  .meta({
    description: 'Whether what users send still looks like what the model was made of',
    examples: [
      {
        ...{ model: 'animals', version: 3, look: '20261126-060000-26baf4a7', at: '2026-11-26T06:00:00.000Z' },
        ...{
          verdict: 'drift',
          reason: '1 of 2 checks of 800 pictures found drift: brightness.',
          policy: 'alert',
        },
        window: {
          ...{ since: '2026-11-25T06:00:00.000Z', until: '2026-11-26T06:00:00.000Z' },
          ...{ predictions: 912, compared: 800, labelled: 12 },
        },
        reference: { pictures: 1000 },
        checks: [
          {
            ...{ id: 'brightness', kind: 'pictures', name: 'brightness', verdict: 'drift', measure: 'KS' },
            ...{ statistic: 0.31, p: 1e-9, adjusted: 2e-9, effect: { measure: 'PSI', value: 0.42 } },
            why: 'The median fell from 121 to 88.',
          },
          {
            ...{ id: 'confidence', kind: 'confidence', name: 'confidence', verdict: 'quiet', measure: 'KS' },
            ...{ statistic: 0.04, p: 0.41, adjusted: 0.41, effect: { measure: 'PSI', value: 0.01 } },
            why: 'The mean fell from 0.83 to 0.82.',
          },
        ],
        followed: null,
      },
    ],
  });
export type DriftAnswer = z.infer<typeof driftAnswerSchema>;
