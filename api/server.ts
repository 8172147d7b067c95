import { createServer, type RequestListener, type Server } from 'node:http';
import { Failure } from '../contracts/failures';
import type { Logger } from '../lib/logging/logger';
import { answerClientErrors } from './client-errors';
import { messageClasses } from './message-classes';
import { answerStrictly } from './strict-requests';

export interface ServerOptions {
  readonly app: RequestListener;
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  readonly logger: Logger;
  /** How long requests under way may take to end when the server closes, in milliseconds. */
  readonly graceMs?: number;
  readonly times?: Partial<RequestTimes>;
  /** How whoever starts it chooses these, for what is said where they cannot be had. */
  readonly chosenBy?: ChosenBy;
}

interface ChosenBy {
  readonly host: string;
  readonly port: string;
}

/** How long a client may take, in milliseconds: whoever sends a byte now and then must not hold a connection for ever. */
export interface RequestTimes {
  /** To send the headers. */
  readonly headersMs: number;
  /** To send all of the request. */
  readonly requestMs: number;
  /** Between two looks at who took longer. */
  readonly lookMs: number;
}

export interface RunningServer {
  readonly port: number;
  /** Takes no more connections, lets the requests under way end, and cuts off what is left after the grace. */
  close(): Promise<void>;
}

/** Longer than the usual 60 s of load balancers, so that it is they who close an idle connection. */
const keepAliveMs = 65_000;
const usualTimes: RequestTimes = { headersMs: 10_000, requestMs: 30_000, lookMs: 2_000 };
const defaultGraceMs = 10_000;
const apiSettings: ChosenBy = { host: 'DROVER_API_HOST', port: 'DROVER_API_PORT' };
/** How often a closing server looks for connections that became idle. */
const idleLookMs = 50;

function refusal(error: NodeJS.ErrnoException, { host, port, chosenBy = apiSettings }: ServerOptions): Error {
  if (error.code === 'EADDRINUSE') {
    return new Failure(
      'start-refused',
      `Port ${port} on ${host} is in use by another program. Stop that, or choose another port with ${chosenBy.port}.`,
      { cause: error },
    );
  }
  if (error.code === 'EACCES') {
    return new Failure(
      'start-refused',
      `Port ${port} may only be used by the administrator. Choose one above 1023 with ${chosenBy.port}.`,
      { cause: error },
    );
  }
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND') {
    return new Failure(
      'start-refused',
      `${host} is no address of this machine. Set ${chosenBy.host} to one, 127.0.0.1 for this machine alone.`,
      { cause: error },
    );
  }
  return error;
}

function listen(server: Server, options: ServerOptions): Promise<number> {
  const { host, port } = options;
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(refusal(error, options)));
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

/**
 * Serves an app over HTTP.
 *
 * @throws Failure `start-refused` where the port is in use or not allowed, or the host isn't this machine's.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { app, logger, graceMs = defaultGraceMs } = options;
  const { headersMs, requestMs, lookMs } = { ...usualTimes, ...options.times };
  const server = createServer({
    ...messageClasses(app),
    keepAliveTimeout: keepAliveMs,
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: lookMs,
    // Asked for with a problem document, by answerStrictly.
    requireHostHeader: false,
  });
  answerStrictly(server, app, logger);
  answerClientErrors(server, logger);
  const port = await listen(server, options);
  let closing: Promise<void> | undefined;

  function close(): Promise<void> {
    return new Promise((resolve) => {
      // Connections that are kept alive become idle one by one, when their requests have ended.
      const idle = setInterval(() => server.closeIdleConnections(), idleLookMs);
      const grace = setTimeout(() => {
        logger.warn('requests are cut off: they took longer than a closing server waits', { graceMs });
        server.closeAllConnections();
      }, graceMs);
      server.close(() => {
        clearInterval(idle);
        clearTimeout(grace);
        resolve();
      });
    });
  }

  return {
    port,
    close: () => (closing ??= close()),
  };
}
