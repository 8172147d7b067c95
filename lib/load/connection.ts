import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** A response, as far as a load has to know it. */
export interface LoadResponse {
  readonly status: number;
  readonly body: Buffer;
}

const headersEnd = Buffer.from('\r\n\r\n');
const chunksEnd = Buffer.from('\r\n0\r\n\r\n');

/**
 * One connection that is kept alive, with one request under way at most. It writes requests that are bytes already and reads no more of a
 * response than its end: what makes load shares the machine with what is loaded, and a whole HTTP client costs as much as some servers.
 */
export class Connection {
  readonly #socket: Socket;
  #received: Buffer[] = [];
  #length = 0;
  #waiting: { resolve(response: LoadResponse): void; reject(error: Error): void } | undefined;
  #closed = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('the connection was closed')));
  }

  /** @throws Error where nobody listens */
  static open(url: URL): Promise<Connection> {
    const isTls = url.protocol === 'https:';
    const port = Number(url.port || (isTls ? 443 : 80));
    const host = url.hostname.replace(/^\[|\]$/g, '');
    return new Promise((resolve, reject) => {
      const socket = isTls
        ? connectTls({ host, port, servername: host }, () => resolve(new Connection(socket)))
        : connectPlain({ host, port }, () => resolve(new Connection(socket)));
      socket.once('error', reject);
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** @throws Error where the connection ends before the response does */
  send(request: Buffer): Promise<LoadResponse> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(new Error('the connection was closed'));
        return;
      }
      this.#waiting = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#closed = true;
    this.#socket.destroy();
  }

  #onData(chunk: Buffer): void {
    this.#received.push(chunk);
    this.#length += chunk.length;
    const [first] = this.#received;
    if (first === undefined) return;
    const all = this.#received.length === 1 ? first : Buffer.concat(this.#received, this.#length);
    this.#received = [all];
    const response = parse(all);
    if (response === undefined) return;
    this.#received = [];
    this.#length = 0;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(response);
  }

  #fail(error: Error): void {
    this.#closed = true;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.reject(error);
  }
}

/** A whole response, or undefined where more of it is to come. */
function parse(bytes: Buffer): LoadResponse | undefined {
  const end = bytes.indexOf(headersEnd);
  if (end < 0) return undefined;
  const headers = bytes.toString('latin1', 0, end);
  const status = Number(headers.slice(9, 12));
  const body = bytes.subarray(end + headersEnd.length);
  const length = /\r\ncontent-length: *(\d+)/i.exec(headers)?.[1];
  if (length !== undefined) return body.length >= Number(length) ? { status, body } : undefined;
  // Chunks are only waited for: what is in them, a load does not want to know.
  return bytes.indexOf(chunksEnd, end) >= 0 ? { status, body } : undefined;
}
