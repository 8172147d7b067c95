import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../contracts/error-code';
import { Failure } from '../contracts/failures';
import { type AdminTokens, adminTokensSchema, readAdminTokens } from '../contracts/schemas/admin-tokens';
import { nameSchema } from '../contracts/schemas/pipeline';
import { sha256 } from '../lib/storage/refs';
import { writePrivateJson } from './private-file';
import type { Environment } from './settings';

const fileOf = (home: string): string => join(home, 'admin-tokens.json');

/** Who may administer: those of the home's file, and those of the environment, whose tokens go before. */
export async function principalsOf(
  home: string,
  environment: Environment,
): Promise<readonly { readonly name: string; readonly sha256: string }[]> {
  const { principals } = await readTokens(home);
  const given = [...readAdminTokens(environment)].map(([name, token]) => ({ name, sha256: sha256(token) }));
  const names = new Set(given.map(({ name }) => name));
  return [...given, ...principals.filter(({ name }) => !names.has(name))];
}

/**
 * Makes a token for somebody, in place of one that they had, and keeps its digest alone.
 *
 * @returns the token, which is shown once
 * @throws Failure `start-refused` where the name can't be one
 */
export async function makeToken(home: string, name: string): Promise<string> {
  if (!nameSchema.safeParse(name).success) {
    throw new Failure(
      'start-refused',
      'A name is lower-case letters, digits, - and _, at most 63: drover admin --new-token ada.',
    );
  }
  const token = randomBytes(32).toString('base64url');
  const { principals } = await readTokens(home);
  const principal = { name, sha256: sha256(token), since: new Date().toISOString() };
  const next: AdminTokens = { principals: [...principals.filter((each) => each.name !== name), principal] };
  await writePrivateJson(fileOf(home), next);
  return token;
}

async function readTokens(home: string): Promise<AdminTokens> {
  try {
    return adminTokensSchema.parse(JSON.parse(await readFile(fileOf(home), 'utf8')));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return { principals: [] };
    throw new Failure(
      'configuration-invalid',
      `${fileOf(home)} can't be read as what Drover writes there. Remove it, and make the tokens anew: drover admin --new-token <name>.`,
      { cause: error },
    );
  }
}
