import { z } from 'zod';

/** A name that may stand in a store's key, a workflow's id and a URL. */
export const nameSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'lower-case letters, digits, - and _, at most 63');
