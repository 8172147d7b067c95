import { z } from 'zod';

/** `store.json`, at the top of a store: how what lies in it is laid out. */
export const storeFormatSchema = z.looseObject({
  /** Counted from 1; a store without the record is of format 0, that of version 0.1.0. */
  format: z.int().min(1),
  /** When the store got this format. */
  at: z.iso.datetime().optional(),
});
