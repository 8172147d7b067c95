import { z } from 'zod';
import { Failure, type FailureType } from '../../../contracts/failures';

/** By gRPC's numbers and by HTTP's: the client gives the one or the other, by how it speaks. */
const kinds: ReadonlyMap<number, FailureType> = new Map<number, FailureType>([
  [5, 'not-found'],
  [404, 'not-found'],
  // ABORTED: the etag is of an older version; ALREADY_EXISTS; FAILED_PRECONDITION.
  [10, 'deployment-conflict'],
  [6, 'deployment-conflict'],
  [9, 'deployment-conflict'],
  [409, 'deployment-conflict'],
  [412, 'deployment-conflict'],
  // INVALID_ARGUMENT, PERMISSION_DENIED, UNAUTHENTICATED, UNIMPLEMENTED.
  ...[3, 7, 16, 12, 400, 401, 403, 501].map((code): [number, FailureType] => [code, 'cloud-refused']),
]);

/**
 * What Google's client throws, as a Failure; whatever is not known to be final may be tried again.
 *
 * @param what - what was asked, for people: `read the service pets`
 */
export function googleFailure(what: string, error: unknown): Failure {
  if (error instanceof Failure) return error;
  if (error instanceof Error && error.message.startsWith('Could not load the default credentials')) {
    return new Failure(
      'cloud-refused',
      `Google did not ${what}: this worker has no credentials for it. Run it as a service account, or once: ` +
        'gcloud auth application-default login',
      { cause: error },
    );
  }
  const code = codeOf(error);
  const type = (code === undefined ? undefined : kinds.get(code)) ?? 'cloud-unavailable';
  const said = error instanceof Error ? ` ${firstLine(error.message)}` : '';
  return new Failure(type, `Google did not ${what}${code === undefined ? '' : ` (${code})`}.${said}`, {
    cause: error,
  });
}

function codeOf(error: unknown): number | undefined {
  for (const key of ['code', 'status'] as const) {
    const found: unknown =
      typeof error === 'object' && error !== null
        ? Object.getOwnPropertyDescriptor(error, key)?.value
        : undefined;
    const code = typeof found === 'string' && /^\d{1,3}$/.test(found) ? Number(found) : found;
    if (typeof code === 'number' && Number.isInteger(code)) return code;
  }
  return undefined;
}

const answerSchema = z.object({ error: z.object({ message: z.string() }) });

/** Over REST a message is the answer's whole body, which may be a page. */
function firstLine(message: string): string {
  let said = message;
  try {
    said = answerSchema.parse(JSON.parse(message)).error.message;
  } catch {
    // It is a text, then.
  }
  return (said.split('\n')[0] ?? '').slice(0, 300);
}
