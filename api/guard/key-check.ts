import type { Request, RequestHandler, Response } from 'express';
import { Failure } from '../../contracts/failures';
import type { ApiKeys } from './api-keys';

const names = new WeakMap<Response, string>();

/** Whose API key the request showed that `response` answers; undefined where it needed none. */
export function keyNameOf(response: Response): string | undefined {
  return names.get(response);
}

function shownKey(request: Request): string | undefined {
  const [, bearer] = /^Bearer +(\S+) *$/i.exec(request.get('authorization') ?? '') ?? [];
  return bearer ?? request.get('x-api-key');
}

/** Notes whose key a request shows, and refuses nothing yet: who shows none is still to be counted. */
export function knowKey(keys: ApiKeys): RequestHandler {
  return (request, response, next) => {
    const key = shownKey(request);
    const name = key === undefined ? undefined : keys.nameOf(key);
    if (name !== undefined) names.set(response, name);
    next();
  };
}

/** @returns a handler that throws Failure `token-refused` where the request showed no key that holds. */
export function requireKey(): RequestHandler {
  return (request, response, next) => {
    if (keyNameOf(response) !== undefined) {
      next();
      return;
    }
    const shown = shownKey(request) !== undefined;
    // RFC 6750, section 3: the error is named only where something was shown.
    response.set('WWW-Authenticate', `Bearer realm="drover"${shown ? ', error="invalid_token"' : ''}`);
    throw new Failure(
      'token-refused',
      shown
        ? 'The API key is not known here, has expired or was revoked. Ask whoever runs the service for another.'
        : 'An API key is needed here: send it as "Authorization: Bearer <key>", or as "X-Api-Key: <key>".',
    );
  };
}
