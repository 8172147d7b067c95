import type { Readable } from 'node:stream';

/** In milliseconds, between two pieces of an object. */
export const usualStallMs = 30_000;

/** As the system's own, so that it is retried as those are. */
class Stalled extends Error {
  readonly code = 'ETIMEDOUT';
}

/**
 * The bytes of an object as they come. Google's client hears nothing of a connection that is cut in the middle of
 * a body whose length was said (node-fetch 2 ends such a body neither well nor badly), so the silence is timed.
 *
 * @throws Error with the code `ETIMEDOUT`; what the stream throws
 */
export async function* bytesOf(
  stream: Readable,
  stallMs: number = usualStallMs,
): AsyncGenerator<Buffer, void, undefined> {
  const pieces = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  try {
    for (;;) {
      // Only while something is waited for: a slow reader is no silent host.
      const timer = setTimeout(() => {
        stream.destroy(new Stalled(`Nothing came for ${stallMs / 1000} s.`));
      }, stallMs);
      const next = await pieces.next().finally(() => {
        clearTimeout(timer);
      });
      if (next.done === true) return;
      yield next.value;
    }
  } finally {
    stream.destroy();
  }
}
