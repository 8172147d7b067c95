import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface WebServer {
  /** `127.0.0.1:<port>`, as `allowedHosts` has it. */
  readonly host: string;
  /** With the scheme, and no slash at its end. */
  readonly origin: string;
  /** Every request that came, in order. */
  readonly requests: IncomingMessage[];
  stop(): Promise<void>;
}

/** A web server of a test's own, which answers as the test says; what a listener throws cuts the connection. */
export async function startWebServer(
  listener: (request: IncomingMessage, response: ServerResponse) => unknown,
  certificate?: { readonly key: string; readonly cert: string },
): Promise<WebServer> {
  const requests: IncomingMessage[] = [];
  const hear: RequestListener = (request, response) => {
    requests.push(request);
    // A client that goes away is part of many tests.
    response.on('error', () => undefined);
    Promise.resolve(listener(request, response)).catch(() => request.socket.destroy());
  };
  const server = certificate === undefined ? createServer(hear) : createSecureServer(certificate, hear);
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  const host = `127.0.0.1:${port}`;
  return {
    host,
    origin: `${certificate === undefined ? 'http' : 'https'}://${host}`,
    requests,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
