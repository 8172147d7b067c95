import { z } from 'zod';
import { registryEventKinds } from '../webhooks';
import { nameSchema } from './pipeline';

const secretName = z
  .string()
  .regex(/^[A-Z0-9_]{1,64}$/, 'capitals, digits and _')
  .describe('its value is DROVER_SECRET_<name>, for the host in DROVER_SECRET_<name>_HOST');

/** An address with nothing secret in it: that would stand in histories and logs. */
const addressSchema = z
  .url({ protocol: /^https?$/, error: 'expected an address with https://' })
  .refine((address) => {
    const { username, password } = new URL(address);
    return username === '' && password === '';
  }, 'holds credentials; take them out')
  .refine(
    (address) => new URL(address).search === '',
    'holds a query, which may be a secret; where it is, give the whole address by url_secret',
  );

const common = {
  name: nameSchema.describe('for people, and for telling deliveries apart'),
  events: z
    .array(z.enum(registryEventKinds))
    .min(1)
    .default([...registryEventKinds]),
  models: z.array(nameSchema).min(1).optional().describe('of these alone; without it, of all'),
};

/** JSON of Drover's own, signed. */
const signedSchema = z.strictObject({
  ...common,
  format: z.literal('drover'),
  url: addressSchema,
  secret: secretName,
});

/** Slack's incoming webhook, whose whole address is its secret. */
const slackSchema = z.strictObject({
  ...common,
  format: z.literal('slack'),
  url_secret: secretName,
});

/** GitHub's `repository_dispatch`, which starts workflows of a repository. */
const githubSchema = z.strictObject({
  ...common,
  format: z.literal('github'),
  repository: z.string().regex(/^[A-Za-z0-9_.-]{1,100}\/[A-Za-z0-9_.-]{1,100}$/, 'expected owner/name'),
  /** Of GitHub Enterprise: `https://github.example.com/api/v3`. */
  api: addressSchema.default('https://api.github.com'),
  secret: secretName,
});

/** A mail by SMTP. */
const emailSchema = z.strictObject({
  ...common,
  format: z.literal('email'),
  /** `smtp.example.com:587`; STARTTLS, or TLS from the start on port 465. */
  server: z.string().regex(/^[a-z0-9][a-z0-9.-]{0,252}(:\d{1,5})?$/, 'expected host or host:port'),
  from: z.email(),
  to: z.array(z.email()).min(1).max(20),
  /** With a secret, who logs in by it. */
  user: z.string().min(1).max(320).optional(),
  secret: secretName.optional(),
});

export const webhookSchema = z.discriminatedUnion('format', [
  signedSchema,
  slackSchema,
  githubSchema,
  emailSchema,
]);
export type Webhook = z.infer<typeof webhookSchema>;

/** `configs/webhooks.yaml`: who is told of what happens in the registry. */
export const webhooksConfigSchema = z
  .strictObject({ webhooks: z.array(webhookSchema).max(50).default([]) })
  .refine(
    ({ webhooks }) => new Set(webhooks.map(({ name }) => name)).size === webhooks.length,
    'two webhooks have one name',
  );
export type WebhooksConfig = z.infer<typeof webhooksConfigSchema>;

/** Something that happened to a model, as it is told. */
export const registryEventSchema = z.strictObject({
  /** The same for whoever sees it, so that it is told once. */
  id: z.string().regex(/^[A-Za-z0-9._-]{1,300}$/),
  kind: z.enum([...registryEventKinds, 'test']),
  at: z.iso.datetime(),
  model: nameSchema,
  version: z.int().min(1),
  /** Of `alias_moved`, as the next two. */
  alias: z.string().optional(),
  before: z.int().min(1).optional(),
  /** The alias was taken away from the version. */
  removed: z.boolean().optional(),
  by: z.string().optional(),
  reason: z.string().optional(),
  /** On the test pictures; of `version_registered`. */
  accuracy: z.number().optional(),
  /** Of those about a promotion: its id, and until when somebody is waited for. */
  promotion: z.string().optional(),
  deadline: z.iso.datetime().optional(),
  /** Of `drift_found`: where its report lies in the store. */
  report: z.string().max(300).optional(),
});
export type RegistryEvent = z.infer<typeof registryEventSchema>;

/** `webhooks/deliveries/<id>.json`: one event told to one webhook, or on the way. */
export const deliverySchema = z.strictObject({
  id: z.string(),
  webhook: z.string(),
  event: registryEventSchema,
  state: z.enum(['trying', 'delivered', 'failed']),
  attempts: z.array(
    z.strictObject({
      at: z.iso.datetime(),
      /** Of the answer, where there was one. */
      status: z.int().optional(),
      /** Why it did not go; nothing of the answer's body, nor of the address beyond its host. */
      problem: z.string().optional(),
    }),
  ),
});
export type Delivery = z.infer<typeof deliverySchema>;

/** `webhooks/told.json`, moved by compare-and-swap: what of the registry has been handed over to be told. */
export const toldSchema = z.strictObject({
  models: z.record(
    z.string(),
    z.strictObject({
      versions: z.array(z.int().min(1)),
      /** By alias, how many moves. */
      aliases: z.record(z.string(), z.int().min(0)),
      /** By promotion, the state that was told last. */
      promotions: z.record(z.string(), z.string()),
    }),
  ),
});
export type Told = z.infer<typeof toldSchema>;
