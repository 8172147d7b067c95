import { IncomingMessage, type RequestListener, type ServerOptions, ServerResponse } from 'node:http';

/** An app of Express has these: what its requests and responses can do. */
interface Prototypes {
  request?: object;
  response?: object;
}

/**
 * Classes for Node to make an Express app's requests and responses of, so that they are what Express wants them to be from the start.
 *
 * Otherwise Express gives each another prototype when it comes, and then the request, and all that hangs on it, stays in memory until the next
 * full garbage collection (docs/decisions/0012-what-outlives-a-request.md).
 *
 * @param app - Its prototypes are replaced by those of the classes, which inherit from them.
 * @returns Options for `createServer`; none for what is no app of Express.
 */
export function messageClasses(
  app: RequestListener & Prototypes,
): Pick<ServerOptions, 'IncomingMessage' | 'ServerResponse'> {
  if (app.request === undefined || app.response === undefined) return {};
  class Request extends IncomingMessage {}
  class Response<Asked extends IncomingMessage = IncomingMessage> extends ServerResponse<Asked> {}
  Object.setPrototypeOf(Request.prototype, app.request);
  Object.setPrototypeOf(Response.prototype, app.response);
  app.request = Request.prototype;
  app.response = Response.prototype;
  return { IncomingMessage: Request, ServerResponse: Response };
}
