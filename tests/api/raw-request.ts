import { connect } from 'node:net';

/** As much of an answer as the list of bad inputs is about. */
export interface Heard {
  /** 0 where the connection ended without an answer. */
  readonly status: number;
  /** The media type, without its parameters; '' where there is none. */
  readonly media: string;
  readonly body: { readonly type?: string; readonly detail?: string };
}

/**
 * Sends these very bytes, and gives the first answer.
 *
 * @param end - whether the sender then says that no more will come
 */
export function sendRaw(
  port: number,
  bytes: string | Buffer,
  { end = false, drip = '' }: { readonly end?: boolean; readonly drip?: string } = {},
): Promise<Heard> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let dripping: NodeJS.Timeout | undefined;
    const socket = connect(port, '127.0.0.1', () => {
      if (end) socket.end(bytes);
      else socket.write(bytes);
      // A byte now and then, without end, as whoever wants to hold connections sends them: never before the rest.
      if (drip !== '') dripping = setInterval(() => socket.write(drip), 20);
    });
    function done(): void {
      clearInterval(dripping);
      socket.destroy();
      resolve(read(Buffer.concat(pieces)));
    }
    socket.on('data', (piece) => {
      pieces.push(piece);
      if (isWhole(Buffer.concat(pieces))) done();
    });
    socket.on('error', () => undefined);
    socket.on('close', done);
  });
}

function parts(answer: Buffer): { readonly head: string; readonly body: Buffer } | undefined {
  const end = answer.indexOf('\r\n\r\n');
  return end < 0 ? undefined : { head: answer.toString('latin1', 0, end), body: answer.subarray(end + 4) };
}

function isWhole(answer: Buffer): boolean {
  const found = parts(answer);
  const length = /^content-length: (\d+)$/im.exec(found?.head ?? '')?.[1];
  return found !== undefined && length !== undefined && found.body.length >= Number(length);
}

function read(answer: Buffer): Heard {
  const found = parts(answer);
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(found?.head ?? '')?.[1] ?? 0);
  const media = /^content-type: *([^;\r\n]*)/im.exec(found?.head ?? '')?.[1] ?? '';
  const text = found?.body.toString() ?? '';
  return { status, media, body: text.startsWith('{') ? JSON.parse(text) : {} };
}
