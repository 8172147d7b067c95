import { z } from 'zod';

/** The part of an activity's heartbeat details that is for people; what else it keeps there is its own. */
export const activityProgressSchema = z.object({
  done: z.number().min(0),
  total: z.number().min(0),
  unit: z.enum(['pictures', 'steps', 'bytes']),
  note: z.string().optional(),
});
