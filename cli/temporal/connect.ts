import { setTimeout as sleep } from 'node:timers/promises';
import {
  Client,
  Connection,
  type ConnectionOptions,
  ServiceError,
  isGrpcServiceError,
} from '@temporalio/client';
import { Failure } from '../../contracts/failures';
import type { Settings } from '../../contracts/schemas/settings';
import { createPayloadCodec } from '../../lib/payloads/codec';
import { readPayloadKeys } from '../../lib/payloads/keys';

/** gRPC's status codes for a server that won't have who asks: PERMISSION_DENIED, UNAUTHENTICATED. */
const strangerCodes: ReadonlySet<number> = new Set([7, 16]);

/**
 * gRPC's status codes for what would be refused again: besides those, INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, FAILED_PRECONDITION,
 * OUT_OF_RANGE, UNIMPLEMENTED.
 */
const refusedCodes: ReadonlySet<number> = new Set([3, 5, 6, 9, 11, 12, ...strangerCodes]);

/**
 * A client of the server that the settings name. Where that is Drover's own, the address is all there is;
 * another's security (mTLS, API key) comes from Temporal's own profile and `TEMPORAL_*` variables.
 *
 * @throws Failure `temporal-unavailable` where nothing answers within `timeout` milliseconds; `temporal-refused` where it refuses who asks;
 *   `configuration-invalid` for a profile or a certificate that can't be read
 */
export async function connect(settings: Settings, timeout = 5000): Promise<Client> {
  const { address, namespace } = settings.temporal;
  const dataConverter = { payloadCodecs: [createPayloadCodec(readPayloadKeys(settings.payloadKeys))] };
  const connection = Connection.lazy({
    ...(await connectionOptions(settings)),
    // The client's own retries go off after it was closed, and end the process; what must last retries itself.
    interceptors: [],
    connectTimeout: timeout,
  });
  try {
    await connection.ensureConnected();
    return new Client({ connection, namespace, dataConverter });
  } catch (error) {
    // Else it would go on trying to connect.
    await connection.close();
    const refusal = error instanceof ServiceError ? error.cause : error;
    if (isGrpcServiceError(refusal) && strangerCodes.has(refusal.code)) {
      throw new Failure(
        'temporal-refused',
        `The Temporal server at ${address} refuses who asks. It said: ${refusal.details} Check TEMPORAL_API_KEY, or the certificates.`,
        { cause: error },
      );
    }
    const what = settings.temporal.development
      ? 'Start it with `npm start`.'
      : 'TEMPORAL_ADDRESS says where it is; is it running, and can it be reached from here?';
    throw new Failure('temporal-unavailable', `No Temporal server answers at ${address}. ${what}`, {
      cause: error,
    });
  }
}

/**
 * Does `work` with a client, and closes it afterwards.
 *
 * @throws Failure `temporal-unavailable` where the server stops answering, `temporal-refused` where it refuses; whatever `work` throws.
 */
export async function withClient<T>(client: Client, work: (client: Client) => Promise<T>): Promise<T> {
  try {
    return await work(client);
  } catch (error) {
    const cause = error instanceof ServiceError ? error.cause : error;
    if (!isGrpcServiceError(cause)) throw error;
    const type = refusedCodes.has(cause.code) ? 'temporal-refused' : 'temporal-unavailable';
    throw new Failure(type, `It said: ${cause.details}.`, { cause: error });
  } finally {
    await client.connection.close();
  }
}

async function connectionOptions(settings: Settings): Promise<ConnectionOptions> {
  if (settings.temporal.development) return { address: settings.temporal.address };
  const { loadClientConnectConfig } = await import('@temporalio/envconfig');
  try {
    return { ...loadClientConnectConfig().connectionOptions, address: settings.temporal.address };
  } catch (error) {
    // Below its first line a parser shows what stands in the profile, which may be a key.
    const [said = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new Failure(
      'configuration-invalid',
      `What the TEMPORAL_* variables, or Temporal's profile, say of the connection can't be used: ${said}.`,
      { cause: error },
    );
  }
}

/** Waits until the server answers for the namespace; it may be starting. */
export async function connectWhenReady(
  settings: Settings,
  signal: AbortSignal,
  patience = 60_000,
): Promise<Client> {
  const deadline = Date.now() + patience;
  for (;;) {
    signal.throwIfAborted();
    try {
      const client = await connect(settings, 2000);
      try {
        await client.workflowService.describeNamespace({ namespace: settings.temporal.namespace });
        return client;
      } catch (error) {
        await client.connection.close();
        throw error;
      }
    } catch (error) {
      if (Date.now() > deadline || (error instanceof Failure && !error.retryable)) throw error;
      await sleep(150, undefined, { signal });
    }
  }
}
