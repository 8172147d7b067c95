import type { RequestHandler } from 'express';
import { Failure } from '../../contracts/failures';

const loopback: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/** A `Host` without its port, in lower case. */
function nameOf(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, '');
}

/** Whether a request came by this machine's own name, and so over no network. */
export function isLocal(host: string): boolean {
  return loopback.includes(nameOf(host));
}

/**
 * Refuses whatever a browser was led to by another site. A name of a stranger's may be made to lead to this machine
 * (DNS rebinding), so only the names that the listener knows are answered; and what changes something must come from a
 * page of this very origin.
 *
 * @param names - by which the listener is reached beside this machine's own, with no port
 */
export function sameSiteOnly(names: readonly string[]): RequestHandler {
  const known = new Set([...loopback, ...names.map((name) => name.toLowerCase())]);
  return (request, _response, next) => {
    const host = request.get('host') ?? '';
    if (!known.has(nameOf(host))) {
      throw new Failure(
        'request-invalid',
        'This host name is not one by which the administration is reached. Name it with --name where it is.',
      );
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      const origin = request.get('origin');
      const site = request.get('sec-fetch-site');
      const isOwn = origin !== undefined && URL.canParse(origin) && new URL(origin).host === host;
      if (!isOwn || (site !== undefined && site !== 'same-origin')) {
        throw new Failure('request-invalid', 'This did not come from a page of the administration itself.');
      }
    }
    next();
  };
}
