import { Failure } from '../../contracts/failures';

/** The HTTP status (a number) or the system's or client's error code (a string) of a failed request. */
export function requestCode(error: unknown): number | string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  const { code } = error;
  if (typeof code === 'number') return code;
  if (typeof code !== 'string') return undefined;
  return /^\d{3}$/.test(code) ? Number(code) : code;
}

/** Statuses that Google's documentation says to retry, and whatever cut the connection. */
const retriedStatuses = new Set([408, 429, 500, 502, 503, 504]);
const retriedCodes = new Set([
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ERR_STREAM_PREMATURE_CLOSE',
  'ETIMEDOUT',
  'CONTENT_DOWNLOAD_MISMATCH',
]);

/** @see https://cloud.google.com/storage/docs/retry-strategy */
export function mayBeRetried(error: unknown): boolean {
  const code = requestCode(error);
  if (typeof code === 'number') return retriedStatuses.has(code);
  if (code !== undefined) return retriedCodes.has(code);
  // The client's own time limit has no code.
  return typeof error === 'object' && error !== null && 'type' in error && error.type === 'request-timeout';
}

/** As Google's client says it; a login that has run out is answered by 400, as a wrong request is. */
function lacksCredentials(error: unknown): boolean {
  return error instanceof Error && /default credentials|invalid_grant/.test(error.message);
}

/** What a request's error means to the store's user. A {@link Failure} passes through unchanged. */
export function bucketFailure(error: unknown, location: string, key: string): unknown {
  const code = requestCode(error);
  if (error instanceof Failure) return error;
  if (lacksCredentials(error)) {
    return new Failure(
      'storage-unavailable',
      `${location} failed at ${key}: there are no credentials, or they hold no more. Sign in with ` +
        '`gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS.',
      { cause: error },
    );
  }
  if (code === undefined && !mayBeRetried(error)) return error;
  if (code === 404) {
    return new Failure('not-found', `There is no ${key} in ${location}, or no such bucket.`, {
      cause: error,
    });
  }
  if (code === 400) {
    return new Failure('path-refused', `Google Cloud Storage refused ${key} in ${location}.`, {
      cause: error,
    });
  }
  const advice =
    code === 401 || code === 403
      ? 'Check that the credentials are valid and may read and write objects there (roles/storage.objectUser).'
      : 'Check the network and https://status.cloud.google.com, and try again.';
  return new Failure(
    'storage-unavailable',
    `${location} failed at ${key} (${code ?? 'timeout'}). ${advice}`,
    {
      cause: error,
    },
  );
}
