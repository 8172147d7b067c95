import { z } from 'zod';
import { Failure } from '../failures';
import { nameSchema } from './pipeline';
import { sha256Schema } from './documents';

/** `admin-tokens.json` of the home: who may administer, each by the SHA-256 of a token that is kept nowhere. */
export const adminTokensSchema = z.strictObject({
  principals: z.array(z.strictObject({ name: nameSchema, sha256: sha256Schema, since: z.iso.datetime() })),
});
export type AdminTokens = z.infer<typeof adminTokensSchema>;

const fewestCharacters = 16;

/**
 * Tokens from the environment, `DROVER_ADMIN_TOKEN_<NAME>`: by the principal's name, in lower case.
 *
 * @throws Failure `configuration-invalid`, naming the variable but never its value
 */
export function readAdminTokens(
  environment: Readonly<Record<string, string | undefined>>,
): ReadonlyMap<string, string> {
  const tokens = new Map<string, string>();
  for (const [variable, token] of Object.entries(environment)) {
    const name = /^DROVER_ADMIN_TOKEN_([A-Z0-9_]{1,63})$/.exec(variable)?.[1]?.toLowerCase();
    if (name === undefined || !token) continue;
    if (token.length < fewestCharacters || !nameSchema.safeParse(name).success) {
      throw new Failure(
        'configuration-invalid',
        `Environment: ${variable}: expected a token of ${fewestCharacters} characters or more. See docs/settings.md.`,
      );
    }
    tokens.set(name, token);
  }
  return tokens;
}
