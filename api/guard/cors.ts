import type { RequestHandler } from 'express';
import { Failure } from '../../contracts/failures';

/** Seconds for which a browser need not ask again. */
const preflightSeconds = '600';
const allowed = {
  'Access-Control-Allow-Methods': 'GET, POST',
  'Access-Control-Allow-Headers': 'Authorization, Content-Type, X-Api-Key, traceparent',
  'Access-Control-Max-Age': preflightSeconds,
} as const;
const exposed = 'X-Request-Id, Retry-After, RateLimit, RateLimit-Policy';

/**
 * Lets pages of these very origins ask from a browser (the Fetch standard's CORS protocol). There are no cookies, so that credentials are never
 * allowed, and no origin is ever answered with `*`.
 *
 * @param origins - As a browser sends them: scheme, host, and the port where it isn't the scheme's own.
 */
export function allowOrigins(origins: readonly string[]): RequestHandler {
  const known: ReadonlySet<string> = new Set(origins);
  return (request, response, next) => {
    // Also where it isn't allowed: what is kept on the way must not be given to another origin.
    response.vary('Origin');
    const origin = request.get('origin');
    if (origin === undefined || !known.has(origin)) {
      next();
      return;
    }
    response.set('Access-Control-Allow-Origin', origin);
    response.set('Access-Control-Expose-Headers', exposed);
    const isPreflight =
      request.method === 'OPTIONS' && request.get('access-control-request-method') !== undefined;
    if (isPreflight) response.set(allowed).sendStatus(204);
    else next();
  };
}

/**
 * Refuses what a page of another origin posts. A browser sends a form without asking first, and only keeps the answer from the page: so any
 * site could have a visitor's browser fill a service that only the visitor reaches.
 *
 * @returns a handler that throws Failure `origin-refused`.
 */
export function refuseStrangePages(origins: readonly string[]): RequestHandler {
  const known: ReadonlySet<string> = new Set(origins);
  return (request, _response, next) => {
    // The browser says where the page is from: no script and no form can change these headers.
    const site = request.get('sec-fetch-site');
    const origin = request.get('origin');
    const isStrange =
      site === undefined
        ? origin !== undefined && !isOfHost(origin, request.host)
        : site === 'cross-site' || site === 'same-site';
    if (request.method === 'POST' && isStrange && !known.has(origin ?? '')) {
      throw new Failure(
        'origin-refused',
        'A page of another origin asked. Where it may, name its origin in DROVER_CORS_ORIGINS.',
      );
    }
    next();
  };
}

/**
 * Over plain HTTP browsers name the page's origin alone. Its scheme isn't compared: a proxy may have taken TLS off.
 *
 * @param host - That was asked, by whoever says it that is trusted.
 */
function isOfHost(origin: string, host: string): boolean {
  // `null` is what a page says that hides where it is from.
  if (!URL.canParse(origin)) return false;
  const page = new URL(origin);
  const asked = `${page.protocol}//${host}`;
  return URL.canParse(asked) && new URL(asked).host === page.host;
}
