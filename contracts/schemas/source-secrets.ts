import { z } from 'zod';
import { Failure } from '../failures';
import { hostPattern } from './hosts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What can be a header's value: a line's end in a secret would begin another header. */
const tokenSchema = z.string().regex(/^[\x21-\x7e]{1,8192}$/, 'visible ASCII characters without spaces');

const kaggleSchema = z.object({
  KAGGLE_API_TOKEN: tokenSchema.optional(),
  KAGGLE_USERNAME: tokenSchema.optional(),
  KAGGLE_KEY: tokenSchema.optional(),
});

/** Tokens of sources, which stand in no settings, so that whoever prints those prints no secret. */
export interface SourceSecrets {
  /** By name: a bearer token, and the one host that it is sent to. */
  readonly secrets: ReadonlyMap<string, { readonly token: string; readonly host: string }>;
  /** The value of the header `Authorization` for Kaggle's API; undefined where nobody is logged in. */
  readonly kaggle: string | undefined;
}

/**
 * Reads `DROVER_SECRET_<NAME>` with `DROVER_SECRET_<NAME>_HOST`, and Kaggle's own variables, from an entry
 * point's environment.
 *
 * @throws Failure `configuration-invalid`, naming the variable but never its value
 */
export function readSourceSecrets(environment: Environment): SourceSecrets {
  return { secrets: namedSecrets(environment), kaggle: kaggleAuthorization(environment) };
}

function refuse(variable: string, wrong: string): never {
  throw new Failure('configuration-invalid', `Environment: ${variable}: ${wrong}. See docs/settings.md.`);
}

function namedSecrets(environment: Environment): SourceSecrets['secrets'] {
  const secrets = new Map<string, { readonly token: string; readonly host: string }>();
  for (const [variable, token] of Object.entries(environment)) {
    const name = /^DROVER_SECRET_([A-Z0-9_]{1,64})$/.exec(variable)?.[1];
    if (name === undefined || !token || isHostOfAnother(variable, environment)) continue;
    const host = environment[`${variable}_HOST`]?.toLowerCase();
    if (!host) refuse(`${variable}_HOST`, 'missing; expected the one host that the token may be sent to');
    if (!hostPattern.test(host)) refuse(`${variable}_HOST`, 'expected a host, or host:port');
    if (!tokenSchema.safeParse(token).success) refuse(variable, 'expected visible ASCII without spaces');
    secrets.set(name, { token, host });
  }
  return secrets;
}

function isHostOfAnother(variable: string, environment: Environment): boolean {
  return variable.endsWith('_HOST') && Boolean(environment[variable.slice(0, -'_HOST'.length)]);
}

function kaggleAuthorization(environment: Environment): string | undefined {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = kaggleSchema.safeParse(set);
  if (!parsed.success) {
    return refuse(
      parsed.error.issues[0]?.path.join('.') ?? 'KAGGLE_KEY',
      'expected visible ASCII without spaces',
    );
  }
  const { KAGGLE_API_TOKEN: token, KAGGLE_USERNAME: user, KAGGLE_KEY: key } = parsed.data;
  if (token !== undefined) return `Bearer ${token}`;
  if (user === undefined && key === undefined) return undefined;
  if (user === undefined) return refuse('KAGGLE_USERNAME', 'missing, and KAGGLE_KEY is set; both are needed');
  if (key === undefined) return refuse('KAGGLE_KEY', 'missing, and KAGGLE_USERNAME is set; both are needed');
  return `Basic ${Buffer.from(`${user}:${key}`).toString('base64')}`;
}
