import { z } from 'zod';

const region = z.string().regex(/^[a-z]+-[a-z]+\d+$/, 'expected a region, such as europe-west4');
const account = z
  .string()
  .regex(
    /^[a-z][a-z0-9-]{4,28}[a-z0-9]@[a-z][a-z0-9-]{4,28}[a-z0-9]\.iam\.gserviceaccount\.com$/,
    'expected a service account, such as drover-api@pets-12345.iam.gserviceaccount.com; its name has 6 to 30 letters, digits and -',
  );

/** What a project at Google is to have, once everything is known that flags and configurations say. */
export const googleSetupSchema = z.strictObject({
  project: z.string().regex(/^[a-z][a-z0-9-]{4,28}[a-z0-9]$/, "expected a project's id, such as pets-12345"),
  region,
  bucket: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/, "expected a bucket's name, such as pets-12345-drover"),
  /** Of the store in the bucket: empty, or with a slash at its end. */
  prefix: z.string().regex(/^(?:[A-Za-z0-9._-]+\/)*$/, 'expected plain names with / between them'),
  repositories: z
    .array(
      z.strictObject({
        region,
        name: z
          .string()
          .regex(/^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/, 'expected lower-case letters, digits and -'),
      }),
    )
    .min(1),
  /** The service on Cloud Run that serves; looked at, and made by its first release. */
  service: z
    .string()
    .regex(/^[a-z](?:[a-z0-9-]{0,47}[a-z0-9])?$/, 'expected lower-case letters, digits and -, at most 49')
    .optional(),
  accounts: z.strictObject({ api: account, worker: account, trainer: account, monitor: account }),
  /** The job that looks for drift; left out where no image is named for it. */
  drift: z
    .strictObject({
      name: z
        .string()
        .regex(/^[a-z](?:[a-z0-9-]{0,47}[a-z0-9])?$/, 'expected lower-case letters, digits and -'),
      image: z
        .string()
        .regex(
          /^[a-z0-9-]+-docker\.pkg\.dev\/[^\s@]+(?:@sha256:[0-9a-f]{64}|:[\w.-]+)$/,
          'expected the image `worker` in Artifact Registry, with a tag or, better, @sha256:…',
        ),
      cron: z
        .string()
        .regex(/^\S+( \S+){4}$/, 'expected five parts: minute hour day month weekday, such as 0 6 * * *'),
      model: z.string().min(1),
      temporal: z.strictObject({ address: z.string().min(1), namespace: z.string().min(1) }),
      apiKeySecret: z
        .string()
        .regex(/^projects\/[^/]+\/secrets\/[^/]+$/, 'expected projects/<project>/secrets/<name>')
        .optional(),
    })
    .optional(),
  /** What GPU workers need; left out where none are configured. */
  gpu: z
    .strictObject({
      regions: z.array(region).min(1).max(20),
      accelerator: z.string().regex(/^[A-Z][A-Z0-9_]{2,60}$/, 'expected such as NVIDIA_TESLA_T4'),
      spot: z.boolean(),
      /** GPUs at once. */
      most: z.int().min(1),
    })
    .optional(),
  /** Names of secrets that trainers read, never their values. */
  secrets: z.array(z.string()),
});
export type GoogleSetup = z.infer<typeof googleSetupSchema>;

const text = z.string().optional().catch(undefined);

/** As much of `configs/deploy.yaml` as says something of a project; the rest may be unfinished still. */
export const deployPlacesSchema = z
  .object({
    cloud_run: z.object({ project: text, region: text, service: text, image: text, store: text }).default({}),
  })
  .catch({ cloud_run: {} });

/** The same of `configs/gpu-workers.yaml`. */
export const gpuPlacesSchema = z
  .object({
    most: z.number().optional().catch(undefined),
    vertex: z
      .object({
        ...{ project: text, image: text, accelerator: text, service_account: text },
        regions: z.array(z.string()).optional().catch(undefined),
        accelerators: z.number().optional().catch(undefined),
        spot: z.boolean().optional().catch(undefined),
      })
      .optional(),
    worker: z
      .object({ store: text, secrets: z.record(z.string(), z.string()).default({}).catch({}) })
      .default({ secrets: {} }),
  })
  .catch({ worker: { secrets: {} } });
