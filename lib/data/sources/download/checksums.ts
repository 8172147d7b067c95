import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { z } from 'zod';
import type { Answer } from '../../../network/network';
import { openCrc32c } from '../../../storage/crc32c';

/** What a host says that the whole file's bytes add up to, each in base64. */
export const checksumsSchema = z.strictObject({
  md5: z.string().optional(),
  sha256: z.string().optional(),
  crc32c: z.string().optional(),
});
export type Checksums = z.infer<typeof checksumsSchema>;

/** Of `x-goog-hash`, those of the bytes as they are sent: not of what was unpacked on the way. */
function googleHashes(answer: Answer): Checksums {
  const stored = answer.header('x-goog-stored-content-encoding') ?? 'identity';
  if (stored !== (answer.header('content-encoding') ?? 'identity')) return {};
  const hashes = answer.header('x-goog-hash') ?? '';
  const md5 = /(?:^|[\s,])md5=([A-Za-z0-9+/=]+)/.exec(hashes)?.[1];
  const crc32c = /(?:^|[\s,])crc32c=([A-Za-z0-9+/=]+)/.exec(hashes)?.[1];
  return { ...(md5 !== undefined && { md5 }), ...(crc32c !== undefined && { crc32c }) };
}

/**
 * Reads the checksums that an answer with a whole file carries: `Repr-Digest` (RFC 9530), `Digest` (RFC 3230),
 * `Content-MD5` (RFC 1864) and Google's own.
 */
export function checksumsOf(answer: Answer): Checksums {
  const digest =
    /sha-256=:([A-Za-z0-9+/=]+):/i.exec(answer.header('repr-digest') ?? '')?.[1] ??
    /sha-256=([A-Za-z0-9+/=]+)/i.exec(answer.header('digest') ?? '')?.[1];
  const md5 = answer.header('content-md5')?.trim();
  return {
    ...googleHashes(answer),
    ...(md5 !== undefined && /^[A-Za-z0-9+/]{22}==$/.test(md5) && { md5 }),
    ...(digest !== undefined && { sha256: digest }),
  };
}

/** Whether a file adds up to what the host said; of several checksums, all of them. */
export async function addsUp(file: string, expected: Checksums, signal?: AbortSignal): Promise<boolean> {
  const wanted = Object.keys(expected);
  if (wanted.length === 0) return true;
  const md5 = expected.md5 === undefined ? undefined : createHash('md5');
  const sha256 = expected.sha256 === undefined ? undefined : createHash('sha256');
  const crc32c = expected.crc32c === undefined ? undefined : await openCrc32c();
  for await (const piece of createReadStream(file, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
    signal?.throwIfAborted();
    md5?.update(piece);
    sha256?.update(piece);
    crc32c?.update(piece);
  }
  return (
    md5?.digest('base64') === expected.md5 &&
    sha256?.digest('base64') === expected.sha256 &&
    crc32c?.toString() === expected.crc32c
  );
}
