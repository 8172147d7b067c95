import { Failure } from '../../contracts/failures';
import type { Resolve } from '../../lib/network/exchange';
import { type Answer, createNetwork } from '../../lib/network/network';

export interface PictureFetcherOptions {
  /** In lower case, each `host` (any port of it) or `host:port`; `*` among them means any of the public internet. */
  readonly hosts: readonly string[];
  /** Of these, and of `hosts`, those whose address may be private, and which may be asked over plain http. */
  readonly privateHosts?: readonly string[];
  /** Of one picture. */
  readonly maxBytes: number;
  /** From the first look-up to the last byte, redirects included. */
  readonly timeoutMs?: number;
  /** In place of the system's look-up of names. */
  readonly resolve?: Resolve;
}

/** What all pictures of one request may still have together, in bytes; every byte that comes is taken off. */
export interface Room {
  left: number;
}

export type PictureFetcher = (url: string, signal: AbortSignal, room?: Room) => Promise<Buffer>;

const usualTimeoutMs = 10_000;

/**
 * Fetches pictures from other hosts by the checked way out: over https, to addresses of the public internet alone, looked up once and asked at
 * that very address; each redirect is checked as the first address was. What the host says of the type counts for nothing: the bytes are told
 * as those of an upload are.
 *
 * @returns a function that throws Failure `url-refused`, `url-unreachable`, `picture-too-large`; the signal's reason
 */
export function createPictureFetcher(options: PictureFetcherOptions): PictureFetcher {
  const { hosts, privateHosts = [], maxBytes, timeoutMs = usualTimeoutMs, resolve } = options;
  const network = createNetwork({
    // Both lists must name it: who may be a source's host is not yet one that any client may have asked.
    allowedHosts: privateHosts.filter((host) => hosts.includes(host)),
    onlyHosts: hosts.includes('*') ? undefined : hosts,
    times: { connectMs: timeoutMs, headersMs: timeoutMs, stallMs: timeoutMs },
    ...(resolve && { resolve }),
  });

  return async (given, signal, room) => {
    const url = addressOf(given);
    const timeUp = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await network.request(url, {
        headers: { accept: 'image/*' },
        signal: AbortSignal.any([signal, timeUp]),
      });
      if (answer.status !== 200) {
        answer.discard();
        throw unreachable(`${answer.host} answered ${answer.status}, where 200 and a picture were expected`);
      }
      return await readAll(answer, maxBytes, room);
    } catch (error) {
      signal.throwIfAborted();
      if (timeUp.aborted)
        throw unreachable(`${url.host} did not send the picture within ${timeoutMs / 1000} s`);
      throw asSeen(error, url);
    }
  };
}

/** @throws Failure `url-refused` where it is none that could be asked, whatever the host */
function addressOf(given: string): URL {
  if (!URL.canParse(given)) {
    throw new Failure(
      'url-refused',
      'Found something that is no address; expected https://host/picture.jpg.',
    );
  }
  const url = new URL(given);
  // Never sent, and kept out of every message.
  url.hash = '';
  return url;
}

async function readAll(answer: Answer, maxBytes: number, room?: Room): Promise<Buffer> {
  const tooLarge = new Failure(
    'picture-too-large',
    `The picture at ${answer.host} has more than ${maxBytes} bytes, and no more are fetched here.`,
  );
  if (Number(answer.header('content-length') ?? 0) > maxBytes) {
    answer.discard();
    throw tooLarge;
  }
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of answer.body) {
    length += piece.length;
    // Leaving the loop closes the connection.
    if (length > maxBytes) throw tooLarge;
    if (room && (room.left -= piece.length) < 0) {
      throw new Failure(
        'picture-too-large',
        'The pictures of this request have more bytes together than are fetched for one. Ask for fewer at a time.',
      );
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** A failure of the way out, as whoever asked the API may know it: nothing of this service's network or settings. */
function asSeen(error: unknown, { host, protocol }: URL): unknown {
  if (!(error instanceof Failure)) return error;
  if (error.type === 'path-refused') {
    return new Failure(
      'url-refused',
      protocol === 'https:'
        ? `Pictures are not fetched from ${host}, or from where it leads: only over https, without a password, from public addresses, and from the hosts that this service allows.`
        : `Found an address of ${protocol.slice(0, 20)}//; expected https://.`,
      { cause: error },
    );
  }
  if (error.type === 'source-invalid' || error.type === 'source-unavailable') {
    return unreachable(`${host} could not be asked, or did not answer to the end`, error);
  }
  return error;
}

function unreachable(what: string, cause?: unknown): Failure {
  return new Failure('url-unreachable', `${what}. Check the address, or send the picture itself.`, { cause });
}
