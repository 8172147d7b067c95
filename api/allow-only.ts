import type { RequestHandler } from 'express';
import { Failure } from '../contracts/failures';

/** The last handler of a path: whatever method comes here is none of those that it has. */
export function allowOnly(...methods: string[]): RequestHandler {
  const allowed = methods.includes('GET') ? [...methods, 'HEAD'] : methods;
  return (request, response) => {
    response.set('Allow', [...allowed, 'OPTIONS'].join(', '));
    if (request.method === 'OPTIONS') {
      response.sendStatus(204);
      return;
    }
    throw new Failure(
      'method-refused',
      `${request.method} is not possible on ${request.path}; it has ${allowed.join(', ')}.`,
    );
  };
}
