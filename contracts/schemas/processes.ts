import { z } from 'zod';

/**
 * What tells a process from a later one that was given the same number: when it started, by the system's own
 * count, and its command line.
 */
export const processIdentitySchema = z.strictObject({
  pid: z.int().min(1),
  started: z.string(),
  command: z.string(),
});

export type ProcessIdentity = z.infer<typeof processIdentitySchema>;

/** `processes.json`: which processes run for one home, so that a later command finds them. */
export const ledgerSchema = z.strictObject({
  supervisor: processIdentitySchema,
  children: z.array(processIdentitySchema.extend({ name: z.string(), port: z.int().optional() })),
  /** For people's browsers: `api`, `ui`. */
  addresses: z.strictObject({ api: z.string(), ui: z.string().optional() }),
  /** The model that is served. */
  model: z.string(),
});

export type Ledger = z.infer<typeof ledgerSchema>;
