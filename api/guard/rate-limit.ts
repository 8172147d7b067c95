import type { Request, RequestHandler, Response } from 'express';
import { Failure } from '../../contracts/failures';
import { clientOf } from './client-address';
import { keyNameOf } from './key-check';

interface RateLimit {
  readonly requests: number;
  readonly seconds: number;
  /** Clients that are told apart in one window; those beyond share one count, so that the memory is bounded. */
  readonly mostClients?: number;
}

const usualMostClients = 50_000;
const everybodyElse = 'everybody else';

/**
 * Counts requests by API key, or by address where none is known, in windows that begin with a client's first request. Each process
 * counts for itself.
 *
 * Every answer has `RateLimit-Policy` and `RateLimit` (IETF draft-ietf-httpapi-ratelimit-headers, revision 10).
 *
 * @returns a handler that throws Failure `rate-limited`, with `Retry-After` set.
 */
export async function createRateLimit(limit: RateLimit): Promise<RequestHandler> {
  const { requests, seconds, mostClients = usualMostClients } = limit;
  // Where nobody asked for limits, the package need not be loaded.
  const { RateLimiterMemory, RateLimiterRes } = await import('rate-limiter-flexible');
  const limiter = new RateLimiterMemory({ points: requests, duration: seconds });
  const told = toldApart(mostClients, seconds);
  const policy = `"requests";q=${requests};w=${seconds}`;

  return async (request, response, next) => {
    const count = await limiter.consume(told(nameOf(request, response))).catch((refused: unknown) => {
      if (refused instanceof RateLimiterRes) return refused;
      throw refused;
    });
    const wait = Math.max(1, Math.ceil(count.msBeforeNext / 1000));
    response.set('RateLimit-Policy', policy);
    response.set('RateLimit', `"requests";r=${count.remainingPoints};t=${wait}`);
    if (count.consumedPoints <= requests) {
      next();
      return;
    }
    response.set('Retry-After', String(wait));
    const window = seconds === 1 ? 'a second' : `${seconds} seconds`;
    throw new Failure(
      'rate-limited',
      `More than ${requests} requests in ${window} came from you. Try again in ${wait} s.`,
    );
  };
}

/** A key's name can't be an address, as it has a colon before it. */
function nameOf(request: Request, response: Response): string {
  const key = keyNameOf(response);
  return key === undefined ? clientOf(request.ip) : `key:${key}`;
}

/** Lets so many clients of one window be told apart. */
function toldApart(most: number, seconds: number): (client: string) => string {
  let known = new Set<string>();
  let until = performance.now() + seconds * 1000;
  return (client) => {
    const now = performance.now();
    if (now >= until) {
      known = new Set();
      until = now + seconds * 1000;
    }
    if (known.has(client) || client.startsWith('key:')) return client;
    if (known.size >= most) return everybodyElse;
    known.add(client);
    return client;
  };
}
