import type { Storage } from '@google-cloud/storage';

const requestTimeoutMs = 300_000;

/**
 * Google's client, which is slow to load. Its own retries are off: whoever sends a request knows best whether it
 * may be sent twice.
 *
 * @param gcsEndpoint - another address than Google's, without credentials: a bucket emulator's
 */
export async function openGoogleClient(gcsEndpoint?: string): Promise<Storage> {
  const { Storage } = await import('@google-cloud/storage');
  return new Storage({
    retryOptions: { autoRetry: false },
    timeout: requestTimeoutMs,
    ...(gcsEndpoint !== undefined && { apiEndpoint: gcsEndpoint, projectId: 'emulator' }),
  });
}
