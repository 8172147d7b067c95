import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { errorCode } from '../contracts/error-code';
import { Failure } from '../contracts/failures';
import type { Logger } from '../lib/logging/logger';
import { problemMediaType, toProblem } from './problem';

/**
 * Answers what never became a request, as Node's parser refused it or its time was up, with a problem document like every other. Node would
 * send a bare status line.
 */
export function answerClientErrors(server: Server, logger: Logger): void {
  const answering = new WeakMap<Duplex, ServerResponse>();
  server.on('request', (request, response) => void answering.set(request.socket, response));
  server.on('clientError', (error, socket) => {
    const response = answering.get(socket);
    // An answer that is half sent would only be spoilt; and whoever reset the connection reads none.
    const isHalfSent = response?.headersSent === true && !response.writableFinished;
    if (isHalfSent || !socket.writable || errorCode(error) === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const id = randomUUID();
    const problem = toProblem(failureOf(errorCode(error)), id);
    logger.debug('a connection was refused', { requestId: id, code: errorCode(error) });
    const body = JSON.stringify(problem);
    socket.end(
      [
        `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}`,
        `Content-Type: ${problemMediaType}; charset=utf-8`,
        `Content-Length: ${Buffer.byteLength(body)}`,
        `X-Request-Id: ${id}`,
        'X-Content-Type-Options: nosniff',
        'Cache-Control: no-store',
        'Connection: close',
        '',
        body,
      ].join('\r\n'),
      () => socket.destroy(),
    );
  });
}

function failureOf(code: string | undefined): Failure {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new Failure(
      'headers-too-large',
      'The headers, with the path, are too large. Send fewer, or shorter ones.',
    );
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new Failure(
      'request-slow',
      'The request took too long to arrive. Try again, or send a smaller picture.',
    );
  }
  return new Failure(
    'request-invalid',
    'This is not HTTP as RFC 9112 has it: look at the request line, the headers and the lengths.',
  );
}
