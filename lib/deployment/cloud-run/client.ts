import type { protos } from '@google-cloud/run';
import type { GoogleAuth } from 'google-auth-library';
import { Failure } from '../../../contracts/failures';
import { openGoogleAuth } from '../../google/open-auth';
import { googleFailure } from './failures';

export type Service = protos.google.cloud.run.v2.IService;
export type Revision = protos.google.cloud.run.v2.IRevision;

/** What is needed of Google, each call made once: whoever asks knows best whether to ask again. */
export interface CloudRunClient {
  service(name: string): Promise<Service>;
  revision(name: string): Promise<Revision>;
  /** Takes the change, and does not wait until it is done. Refused where the etag is not the present one. */
  update(service: Service, fields: readonly string[]): Promise<void>;
  /** A request to another of Google's APIs, as JSON. */
  get(url: string): Promise<unknown>;
  /** `Bearer …` for a service of Cloud Run. */
  identity(audience: string): Promise<string>;
}

const longestMs = 20_000;

/**
 * @param endpoint - another address than Google's, without credentials: a fake's
 * @param timeout - of one call, in milliseconds
 */
export function createCloudRunClient(endpoint?: string, timeout = longestMs): CloudRunClient {
  let opened: ReturnType<typeof open> | undefined;
  const clients = () => (opened ??= open(endpoint));
  const once = { timeout, retry: null };
  const call = async <T>(what: string, work: () => Promise<T>, mayClash = false): Promise<T> => {
    try {
      return await inTime(what, work, timeout);
    } catch (error) {
      const failure = googleFailure(what, error);
      // A reading has nothing that it could clash with.
      if (failure.type !== 'deployment-conflict' || mayClash) throw failure;
      throw new Failure('cloud-unavailable', failure.message, { cause: error });
    }
  };
  return {
    service: (name) =>
      call(`read the service ${shortName(name)}`, async () => {
        const [service] = await (await clients()).services.getService({ name }, once);
        return service;
      }),
    revision: (name) =>
      call(`read the revision ${shortName(name)}`, async () => {
        const [revision] = await (await clients()).revisions.getRevision({ name }, once);
        return revision;
      }),
    update: (service, fields) =>
      call(
        `change the service ${shortName(service.name ?? '')}`,
        async () => {
          await (
            await clients()
          ).services.updateService({ service, updateMask: { paths: [...fields] } }, once);
        },
        true,
      ),
    get: (url) =>
      call('give the figures of its requests', async () => {
        const { auth } = await clients();
        const { host, protocol } = endpoint === undefined ? new URL(url) : new URL(endpoint);
        const to = new URL(url);
        to.protocol = protocol;
        to.host = host;
        const { data } = await auth.request<unknown>({ url: to.href, timeout, retry: false });
        return data;
      }),
    identity: async (audience) => {
      const { auth } = await clients();
      const identity = await auth.getIdTokenClient(audience).catch((cause: unknown) => {
        throw new Failure(
          'cloud-refused',
          'The service wants to know who asks, and these credentials make no identity token. Run the worker as a service account ' +
            'that may call it (roles/run.invoker).',
          { cause },
        );
      });
      return call('give an identity token', async () => {
        const headers = await identity.getRequestHeaders(audience);
        return headers.get('authorization') ?? '';
      });
    },
  };
}

/**
 * The client keeps no time over REST. A change that is given up may still come through: the etag that it carries decides, and
 * whoever asks again looks first.
 */
async function inTime<T>(what: string, work: () => Promise<T>, longest: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const said = `Google did not ${what} within ${longest / 1000} s.`;
    timer = setTimeout(() => reject(new Failure('cloud-unavailable', said)), longest);
  });
  try {
    return await Promise.race([work(), late]);
  } finally {
    clearTimeout(timer);
  }
}

interface Opened {
  readonly services: import('@google-cloud/run').v2.ServicesClient;
  readonly revisions: import('@google-cloud/run').v2.RevisionsClient;
  readonly auth: GoogleAuth;
}

/** Google's clients, which are slow to load. */
async function open(endpoint: string | undefined): Promise<Opened> {
  const [{ v2 }, auth] = await Promise.all([import('@google-cloud/run'), openGoogleAuth(endpoint)]);
  const address = endpoint === undefined ? undefined : new URL(endpoint);
  // REST, here as in the tests: one way of speaking, and no native part of gRPC's.
  const options = {
    ...{ fallback: true, auth },
    ...(address && {
      ...{
        protocol: address.protocol.replace(':', ''),
        apiEndpoint: address.hostname,
        port: Number(address.port),
      },
      projectId: 'emulator',
    }),
  } as const;
  return { services: new v2.ServicesClient(options), revisions: new v2.RevisionsClient(options), auth };
}

/** `pets` of `projects/p/locations/l/services/pets`. */
export function shortName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}
