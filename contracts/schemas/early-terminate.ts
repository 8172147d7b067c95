import { z } from 'zod';

/** Beyond it a rule has forgotten what it was for. */
const mostEpochs = 10_000;

const epochs = z.int().min(1).max(mostEpochs);

/** W&B's, by its keys; an iteration is an epoch. `max_iter` wins over `min_iter`. */
const hyperbandSchema = z
  .strictObject({
    type: z.literal('hyperband'),
    min_iter: epochs.optional().describe('the first band; each next one is eta times as far'),
    max_iter: epochs.optional().describe('divided by eta, s times, gives the bands'),
    s: z.int().min(1).max(100).optional(),
    eta: z.number().gt(1).max(100).default(3).describe('of all that reach a band, one in so many goes on'),
    strict: z
      .boolean()
      .default(true)
      .describe('whether the figure at the band counts, or the best that a trial has had'),
  })
  .superRefine(({ min_iter, max_iter, s, eta }, context) => {
    const wrong = (key: string, message: string) =>
      context.addIssue({ code: 'custom', path: [key], message });
    if (max_iter === undefined) {
      if (min_iter === undefined) wrong('min_iter', 'missing; expected min_iter, or max_iter with s');
    } else if (s === undefined) wrong('s', 'missing; expected how many bands there are below max_iter');
    else if (max_iter / eta < 1) wrong('max_iter', 'expected at least eta, or there is no band below it');
  });

/** Optuna's median pruner, by its keys; a step is an epoch, and counted from 0. */
const medianSchema = z.strictObject({
  type: z.literal('median'),
  n_startup_trials: z.int().min(0).max(10_000).default(5).describe('finished trials before any is stopped'),
  n_warmup_steps: z.int().min(0).max(mostEpochs).default(0).describe('epochs in which none is stopped'),
  interval_steps: epochs.default(1).describe('epochs from one look to the next'),
  n_min_trials: z.int().min(1).max(10_000).default(1).describe('finished trials that reached the epoch'),
});

/** ASHA in its promotion form: a trial trains to a rung and waits there until it is promoted. */
const ashaSchema = z
  .strictObject({
    type: z.literal('asha'),
    min_epochs: epochs.default(1).describe('the lowest rung'),
    max_epochs: epochs.optional().describe('the highest rung; the epochs of `train` where it is left out'),
    eta: z
      .number()
      .min(2)
      .max(100)
      .default(3)
      .describe('of a rung, one in so many goes on, eta times as far'),
    cutoff: z
      .enum(['share', 'quantile'])
      .default('share')
      .describe("share: the paper's best ⌊n/eta⌋ of n; quantile: Syne Tune's, a little more generous"),
  })
  .superRefine(({ min_epochs, max_epochs }, context) => {
    if (max_epochs === undefined || max_epochs > min_epochs) return;
    context.addIssue({ code: 'custom', path: ['max_epochs'], message: 'expected more than min_epochs' });
  });

/** How a sweep ends trials that won't be the best. */
export const earlyTerminateSchema = z.discriminatedUnion('type', [hyperbandSchema, medianSchema, ashaSchema]);

export type EarlyTerminate = z.infer<typeof earlyTerminateSchema>;
export type HyperbandRule = Readonly<Extract<EarlyTerminate, { type: 'hyperband' }>>;
export type MedianRule = Readonly<Extract<EarlyTerminate, { type: 'median' }>>;
export type AshaSettings = Readonly<Extract<EarlyTerminate, { type: 'asha' }>>;
