import { z } from 'zod';
import { Failure } from '../../contracts/failures';
import { openGoogleAuth } from '../google/open-auth';

type Environment = Readonly<Record<string, string | undefined>>;

const prefix = 'DROVER_FROM_SECRET_MANAGER_';
const namePattern = /^projects\/[a-z0-9-]+\/secrets\/[A-Za-z0-9_-]{1,255}\/versions\/(?:latest|\d+)$/;
const answerSchema = z.object({ payload: z.object({ data: z.string() }) });
const longestMs = 20_000;

/**
 * The environment with its secrets: `DROVER_FROM_SECRET_MANAGER_TEMPORAL_API_KEY=projects/…/versions/latest` becomes `TEMPORAL_API_KEY` with
 * what Secret Manager holds under that name, read with the credentials of the machine (roles/secretmanager.secretAccessor).
 * Without such names it is returned as it is, and Google's library is not loaded.
 *
 * @throws Failure `configuration-invalid` for what is no secret's name; `cloud-refused` where it can't be read
 */
export async function withSecrets(environment: Environment, endpoint?: string): Promise<Environment> {
  const wanted = Object.entries(environment).filter(
    ([variable, name]) => variable.startsWith(prefix) && name !== undefined && name !== '',
  );
  if (wanted.length === 0) return environment;
  const auth = await openGoogleAuth(endpoint);
  const base = endpoint ?? 'https://secretmanager.googleapis.com';
  const read: Record<string, string> = {};
  for (const [variable, name = ''] of wanted) {
    if (!namePattern.test(name)) {
      throw new Failure(
        'configuration-invalid',
        `Environment: ${variable}: expected a secret's name, projects/…/secrets/…/versions/latest.`,
      );
    }
    try {
      const { data } = await auth.request<unknown>({ url: `${base}/v1/${name}:access`, timeout: longestMs });
      const { payload } = answerSchema.parse(data);
      read[variable.slice(prefix.length)] = Buffer.from(payload.data, 'base64').toString('utf8').trim();
    } catch {
      // Whatever it was, it may hold the secret.
      throw new Failure(
        'cloud-refused',
        `Secret Manager did not give what ${variable} names. The service account of this machine needs ` +
          'roles/secretmanager.secretAccessor on it (docs/guides/gpu-on-demand.md).',
      );
    }
  }
  return { ...environment, ...read };
}
