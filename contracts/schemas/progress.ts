import { z } from 'zod';

/**
 * The part of an activity's heartbeat details that is for people; what else it keeps there is its own. What a worker of another
 * version says is shown as far as it is understood.
 */
export const activityProgressSchema = z.object({
  done: z.number().min(0),
  total: z.number().min(0),
  unit: z.enum(['pictures', 'steps', 'bytes']),
  note: z.string().optional(),
  training: z
    .object({
      phase: z.string(),
      epoch: z.number(),
      epochs: z.number(),
      loss: z.number().optional(),
      accuracy: z.number().optional(),
      picturesPerSecond: z.number(),
      secondsLeft: z.number().optional(),
    })
    .optional()
    .catch(undefined),
});
