import { z } from 'zod';
import { sha256Schema } from './documents';
import { nameSchema } from './pipeline';

const mostKeys = 1000;

/**
 * One key, by its digest: the key itself is kept nowhere. One round of SHA-256, without salt, is right here: a key is 256 random bits,
 * so that there is nothing to guess, unlike a password.
 */
const apiKeySchema = z.strictObject({
  /** Of whoever holds it; several keys may have one name, so that they can be rotated. */
  name: nameSchema,
  sha256: sha256Schema,
  created: z.iso.datetime(),
  expires: z.iso.datetime().optional(),
  revoked: z.iso.datetime().optional(),
});
export type ApiKey = z.infer<typeof apiKeySchema>;

/** The file that `DROVER_API_KEYS` names: who may ask the API. */
export const apiKeysSchema = z.strictObject({ keys: z.array(apiKeySchema).max(mostKeys) });
export type ApiKeyList = z.infer<typeof apiKeysSchema>;

/** Whether a key holds at `now`, in milliseconds since 1970. */
export function holds({ expires, revoked }: ApiKey, now: number): boolean {
  return revoked === undefined && (expires === undefined || now < Date.parse(expires));
}
