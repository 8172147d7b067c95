import type { IncomingMessage } from 'node:http';
import { ClientGone } from './client-gone';

/** A body of more bytes than is read here. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/**
 * All of a request's body, in memory. It is not inflated: a compressed body could be a thousand times larger than what was sent.
 *
 * @param most - Bytes; no more of them is held.
 * @throws BodyTooLarge; {@link ClientGone} where it ends before its time.
 */
export function readBody(request: IncomingMessage, most: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    if (Number(request.headers['content-length'] ?? 0) > most) {
      reject(new BodyTooLarge());
      return;
    }
    const chunks: Buffer[] = [];
    let length = 0;
    let ended = false;
    request
      .on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length <= most) chunks.push(chunk);
        else {
          // What still comes is read and forgotten, so that the answer can be.
          chunks.length = 0;
          reject(new BodyTooLarge());
        }
      })
      .once('end', () => {
        ended = true;
        const [only] = chunks;
        resolve(only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks));
      })
      // Whatever ends it otherwise closes it, too.
      .once('close', () => {
        if (!ended) reject(new ClientGone('The client went away'));
      })
      .once('error', () => undefined);
  });
}
