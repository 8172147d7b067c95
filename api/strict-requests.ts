import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { Failure } from '../contracts/failures';
import type { Logger } from '../lib/logging/logger';
import { problemMediaType, toProblem } from './problem';

/**
 * Gives `app` only requests that every server reads alike. Node's parser is milder than RFC 9112: what it lets through, a proxy in front may
 * have read as another request, which is how requests are smuggled past its rules. Node's own refusals here have no problem document.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112#section-11.2
 */
export function answerStrictly(server: Server, app: RequestListener, logger: Logger): void {
  server.on('request', (request, response) => {
    const wrong = whatIsWrong(request);
    if (wrong === undefined) app(request, response);
    else refuse(response, wrong, logger);
  });
  server.on('checkExpectation', (_request, response) => {
    refuse(response, 'Its header Expect asks for what is not done here; leave it away.', logger);
  });
}

/** Undefined where nothing is. */
function whatIsWrong(request: IncomingMessage): string | undefined {
  const { httpVersionMajor: major, httpVersionMinor: minor, headersDistinct } = request;
  if (major !== 1) return 'HTTP/1.1 is spoken here; the request line should end with it.';
  const hosts = headersDistinct['host']?.length ?? 0;
  if (hosts > 1) return 'It has more than one header Host; one is expected.';
  // Checks of load balancers speak 1.0, which has none.
  if (hosts === 0 && minor > 0) return 'It has no header Host; one is expected.';
  const coding = request.headers['transfer-encoding'];
  if (coding !== undefined && coding.trim().toLowerCase() !== 'chunked')
    return 'Its Transfer-Encoding is not read here; "chunked" or a Content-Length is expected.';
  return undefined;
}

function refuse(response: ServerResponse, wrong: string, logger: Logger): void {
  const id = randomUUID();
  const problem = toProblem(new Failure('request-invalid', `The request is not read: ${wrong}`), id);
  logger.debug('a request was refused', { requestId: id, detail: problem.detail });
  const body = JSON.stringify(problem);
  response
    .writeHead(problem.status, {
      'Content-Type': `${problemMediaType}; charset=utf-8`,
      'Content-Length': Buffer.byteLength(body),
      'X-Request-Id': id,
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'no-store',
      // Where its body ends is not sure.
      Connection: 'close',
    })
    .end(body);
}
