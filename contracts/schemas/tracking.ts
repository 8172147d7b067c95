import { z } from 'zod';

function isPlain(address: string): boolean {
  // What is no address at all is said by the check before.
  if (!URL.canParse(address)) return true;
  const { username, password, search, hash } = new URL(address);
  return username === '' && password === '' && search === '' && hash === '';
}

/**
 * The address of an MLflow server, without a slash at its end. It comes from whoever runs the worker, not from a
 * workflow's input, so it may be private: MLflow usually is.
 */
export const mlflowUriSchema = z
  .url({ protocol: /^https?$/, error: 'expected http://host:port or https://host/path' })
  .refine(isPlain, 'expected no user, password, query or fragment; a token goes into DROVER_MLFLOW_TOKEN')
  .transform((address) => address.replace(/\/+$/, ''));

/** The MLflow server that runs are sent to; part of a process's settings, never of a workflow's input. */
export const mlflowServerSchema = z.strictObject({
  uri: mlflowUriSchema,
  /** Runs are put into it; it is made where it is missing. */
  experiment: z.string().min(1).max(200),
  /** A bearer token: a secret. */
  token: z.string().optional(),
});

/** Where the operator has runs told of, beside the store. */
export const trackingSchema = z.strictObject({
  mlflow: mlflowServerSchema.optional(),
  /** Finished runs are written as W&B's offline runs of this project, too. */
  wandb: z.strictObject({ project: z.string().min(1) }).optional(),
});
export type Tracking = z.infer<typeof trackingSchema>;
