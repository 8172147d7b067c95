import { Failure } from '../../../../contracts/failures';
import type { Network, RequestOptions } from '../../../network/network';
import { retrying } from '../../../network/retrying';
import { statusFailure } from '../../../network/statuses';
import { largestPicture } from '../source';

/** So many in a row that no host answers for are no dead links: this machine's own network is down. */
const mostInARow = 25;

/** Fetches pictures from the web, each by its own address. */
export type FetchPicture = (url: URL) => Promise<Buffer>;

function tooLarge(host: string): Failure {
  return new Failure(
    'picture-too-large',
    `${host} sends more than the ${largestPicture} bytes that are read.`,
  );
}

async function fetchOnce(url: URL, network: Network, options: RequestOptions): Promise<Buffer> {
  const answer = await network.request(url, options);
  if (answer.status !== 200) throw statusFailure(answer);
  const encoding = answer.header('content-encoding') ?? 'identity';
  if (encoding !== 'identity') {
    answer.discard();
    throw new Failure('source-invalid', `${answer.host} sends it compressed, though it was asked not to.`);
  }
  if (Number(answer.header('content-length') ?? 0) > largestPicture) {
    answer.discard();
    throw tooLarge(answer.host);
  }
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of answer.body) {
    length += piece.length;
    if (length > largestPicture) throw tooLarge(answer.host);
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/**
 * Lists of addresses age: one that nobody answers for is a picture that is named and left out, as is one that is
 * refused. Only where many in a row are such does the reading end, to be tried again.
 *
 * @returns a function that throws Failure `picture-unreadable`, `picture-too-large`, `path-refused`; and
 *   `source-unavailable`, or the signal's reason, which end the reading
 */
export function createFetchPicture(network: Network, options: RequestOptions): FetchPicture {
  let inARow = 0;
  return async (url) => {
    try {
      const bytes = await retrying(network.times, () => fetchOnce(url, network, options), options.signal);
      inARow = 0;
      return bytes;
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (error.type === 'source-unavailable') {
        inARow += 1;
        if (inARow > mostInARow) throw error;
      } else {
        inARow = 0;
        if (error.type !== 'source-invalid') throw error;
      }
      throw new Failure('picture-unreadable', error.message, { cause: error });
    }
  };
}
