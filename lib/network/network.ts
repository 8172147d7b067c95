import { lookup } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { Failure } from '../../contracts/failures';
import { type Agents, bodyOf, exchange, type Resolve } from './exchange';
import { isHostOf, namesHost } from './hosts';
import { type NetworkTimes, usualTimes } from './times';

/** Redirects are followed so often, each to a host that is checked anew. */
const mostRedirects = 5;
const redirecting = new Set([301, 302, 303, 307, 308]);
/** Connections to one host. */
const mostConnections = 16;

export interface NetworkOptions {
  /** `host` or `host:port`: asked even where their address is private, and over plain http. */
  readonly allowedHosts: readonly string[];
  /** Where it is given, these alone are asked, also after redirects; beside them, what is said of private addresses holds. */
  readonly onlyHosts?: readonly string[] | undefined;
  readonly times?: Partial<NetworkTimes> | undefined;
  /** Certificates of authorities beside those that Node trusts. */
  readonly authorities?: string | undefined;
  /** In place of the system's look-up of names. */
  readonly resolve?: Resolve;
}

export interface RequestOptions {
  readonly method?: 'GET' | 'HEAD';
  readonly headers?: Readonly<Record<string, string>>;
  /** The value of `Authorization`, and the one host that hears it, also after redirects. */
  readonly authorization?: { readonly value: string; readonly host: string } | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface PostOptions {
  readonly body: string;
  /** Sent to this host alone, as no redirect is followed: a secret may be among them. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  /** Never a redirect's, but of a POST. */
  readonly status: number;
  /** Names in lower case. */
  header(name: string): string | undefined;
  /** Who answered in the end, after redirects. */
  readonly host: string;
  /** The bytes as they came, once; nothing is decompressed. Ending early closes the connection. */
  readonly body: AsyncGenerator<Buffer, void, undefined>;
  /** Closes the connection, for whoever wants no body. */
  discard(): void;
}

/** The one way out: every request of a source goes through here. */
export interface Network {
  readonly times: NetworkTimes;
  /**
   * Asks once. Statuses are the caller's to judge.
   *
   * @throws Failure `path-refused` where the URL, or a redirect, is not https (or of an allowed host), holds
   *   credentials or leads to a private address; `source-invalid` after too many redirects; `source-unavailable`;
   *   the signal's reason
   */
  request(url: URL, options?: RequestOptions): Promise<Answer>;
  /**
   * Sends once, and follows no redirect: its status is the caller's to judge, as all are.
   *
   * @throws Failure as {@link Network.request}
   */
  post(url: URL, options: PostOptions): Promise<Answer>;
}

/** @throws Failure `path-refused`, naming no more than the scheme and the host: the rest may hold a secret */
function requirePermitted(
  url: URL,
  { allowedHosts, onlyHosts }: Pick<NetworkOptions, 'allowedHosts' | 'onlyHosts'>,
): void {
  if (url.username !== '' || url.password !== '') {
    throw new Failure(
      'path-refused',
      `Found a URL of ${url.host} with a user or password in it. Take them out, and name a secret instead.`,
    );
  }
  if (onlyHosts !== undefined && !namesHost(onlyHosts, url)) {
    throw new Failure('path-refused', `${url.host} is none of the hosts that may be asked.`);
  }
  if (url.protocol === 'https:' || (url.protocol === 'http:' && namesHost(allowedHosts, url))) return;
  throw new Failure(
    'path-refused',
    url.protocol === 'http:'
      ? `Found http:// at ${url.host}; expected https://. Plain http is for the hosts of DROVER_ALLOWED_HOSTS.`
      : `Found a URL with the scheme ${url.protocol.slice(0, 20)}; expected https://`,
  );
}

function redirectOf(answer: http.IncomingMessage, from: URL): URL | undefined {
  const { location } = answer.headers;
  if (!redirecting.has(answer.statusCode ?? 0) || location === undefined) return undefined;
  if (!URL.canParse(location, from.href)) {
    throw new Failure('source-invalid', `${from.host} redirects to something that is no URL.`);
  }
  const to = new URL(location, from);
  if (from.protocol === 'https:' && to.protocol === 'http:') {
    throw new Failure(
      'path-refused',
      `${from.host} redirects from https to plain http, which is not followed.`,
    );
  }
  return to;
}

/** Opens nothing yet; connections are kept for the next request to the same host, and hold no process open. */
export function createNetwork(options: NetworkOptions): Network {
  const { allowedHosts, authorities, resolve = lookup, times: given } = options;
  const times = { ...usualTimes, ...given };
  const sockets = { keepAlive: true, maxSockets: mostConnections };
  const agents: Agents = {
    http: new http.Agent(sockets),
    https: new https.Agent({ ...sockets, ...(authorities !== undefined && { ca: authorities }) }),
  };
  return {
    times,
    async post(url, { body, headers = {}, signal }) {
      requirePermitted(url, options);
      const answer = await exchange({
        ...{ url, method: 'POST', body, agents, resolve, times, signal },
        mayBePrivate: namesHost(allowedHosts, url),
        headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
      });
      return answerOf(answer, url.host, times, signal);
    },
    async request(first, { method = 'GET', headers = {}, authorization, signal } = {}) {
      let url = first;
      for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
        requirePermitted(url, options);
        const mayBePrivate = namesHost(allowedHosts, url);
        const isTold = authorization !== undefined && isHostOf(url, authorization.host);
        const secret: Record<string, string> = isTold ? { authorization: authorization.value } : {};
        const answer = await exchange({
          ...{ url, method, mayBePrivate, agents, resolve, times, signal },
          headers: { ...headers, ...secret },
        });
        const next = redirectOf(answer, url);
        if (next === undefined) return answerOf(answer, url.host, times, signal);
        answer.destroy();
        url = next;
      }
      throw new Failure(
        'source-invalid',
        `${first.host} redirects more than ${mostRedirects} times. Give the address that it leads to.`,
      );
    },
  };
}

function answerOf(
  answer: http.IncomingMessage,
  host: string,
  times: NetworkTimes,
  signal: AbortSignal | undefined,
): Answer {
  return {
    status: answer.statusCode ?? 0,
    header: (name) => {
      const value = answer.headers[name];
      return Array.isArray(value) ? value.join(', ') : value;
    },
    host,
    body: bodyOf(answer, host, times, signal),
    discard: () => void answer.destroy(),
  };
}
