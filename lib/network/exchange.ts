import http from 'node:http';
import https from 'node:https';
import type { LookupAddress, LookupAllOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Failure } from '../../contracts/failures';
import { isPublicAddress } from './addresses';
import type { NetworkTimes } from './times';
import { requestFailure, Unavailable } from './unavailable';

/** Every address of a name, as `dns.lookup` gives them. */
export type Resolve = (
  name: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export interface Agents {
  readonly http: http.Agent;
  readonly https: https.Agent;
}

export interface Exchange {
  readonly url: URL;
  readonly method: 'GET' | 'HEAD' | 'POST';
  /** Of a POST. */
  readonly body?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the host may have an address that is not of the public internet. */
  readonly mayBePrivate: boolean;
  readonly agents: Agents;
  readonly resolve: Resolve;
  readonly times: NetworkTimes;
  readonly signal?: AbortSignal | undefined;
}

function refusal(host: string): Failure {
  return new Failure(
    'path-refused',
    `${host} has an address that is not of the public internet. Where it is meant to be asked, name it in ` +
      'DROVER_ALLOWED_HOSTS.',
  );
}

/** Resolves a name and gives the connection those very addresses, each checked: another look-up may differ. */
function checkedLookup(host: string, resolve: Resolve): LookupFunction {
  return (name, options, callback) => {
    resolve(name, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, '', 0);
        return;
      }
      const [first] = addresses;
      if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address))) {
        callback(refusal(host), '', 0);
      } else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function requirePublicLiteral({ url, mayBePrivate }: Exchange): void {
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  // A connection to an address looks nothing up.
  if (!mayBePrivate && isIP(literal) !== 0 && !isPublicAddress(literal)) throw refusal(url.host);
}

/**
 * Sends one request, without following what it answers, and gives the answer's head.
 *
 * @throws Failure `path-refused` where the address is private; `source-unavailable`; `source-invalid` where the
 *   certificate is not trusted; the signal's reason
 */
export async function exchange(asked: Exchange): Promise<http.IncomingMessage> {
  const { url, method, headers, mayBePrivate, agents, times, signal } = asked;
  signal?.throwIfAborted();
  requirePublicLiteral(asked);
  const isSecure = url.protocol === 'https:';
  const request = (isSecure ? https : http).request(url, {
    method,
    // What would be unpacked on the way could not be measured, resumed or checked.
    headers: { ...headers, 'accept-encoding': 'identity', 'user-agent': 'drover' },
    agent: isSecure ? agents.https : agents.http,
    ...(!mayBePrivate && { lookup: checkedLookup(url.host, asked.resolve) }),
    ...(signal && { signal }),
  });
  let timer = setTimeout(() => late('let nobody connect', times.connectMs), times.connectMs);
  function late(what: string, ms: number): void {
    request.destroy(new Unavailable(`${url.host} ${what} within ${ms / 1000} s; it is tried again.`));
  }
  function connected(): void {
    clearTimeout(timer);
    timer = setTimeout(() => late('answered nothing', times.headersMs), times.headersMs);
  }
  try {
    return await new Promise<http.IncomingMessage>((answered, failed) => {
      request.once('socket', (socket) => {
        if (!socket.connecting) connected();
        else socket.once(isSecure ? 'secureConnect' : 'connect', connected);
      });
      request.once('response', answered);
      // Also after the answer: an error that nobody hears would end the process.
      request.on('error', failed);
      request.end(asked.body);
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw requestFailure(error, url.host);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The bytes of an answer, in pieces. Whoever stops early closes the connection.
 *
 * @throws Failure `source-unavailable` where the host cuts it off or sends nothing for too long; the signal's reason
 */
export async function* bodyOf(
  answer: http.IncomingMessage,
  host: string,
  { stallMs }: Pick<NetworkTimes, 'stallMs'>,
  signal?: AbortSignal,
): AsyncGenerator<Buffer, void, undefined> {
  const pieces = answer[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    for (;;) {
      // Only while something is waited for: a slow reader is no stalled host.
      const timer = setTimeout(() => {
        answer.destroy(new Unavailable(`${host} sent nothing for ${stallMs / 1000} s; it is tried again.`));
      }, stallMs);
      const next = await pieces.next().finally(() => clearTimeout(timer));
      if (next.done === true) return;
      yield next.value;
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw requestFailure(error, host);
  } finally {
    if (!answer.complete) answer.destroy();
  }
}
