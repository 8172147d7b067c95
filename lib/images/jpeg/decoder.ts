import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DecodePlan } from './plan';
import { DecodingThreads } from './threads';

const code = readFileSync(join(__dirname, 'decoder.wasm'));

/** The first of the decoder's SHA-256: other code may give other pixels. */
export const jpegDecoderDigest = createHash('sha256').update(code).digest('hex').slice(0, 12);

/** As decoder.c numbers them. */
const reasons = { endsEarly: 1, damaged: 2, notPlain: 3, noMemory: 4 } as const;

export type JpegDecoding =
  | { readonly pixels: Uint8Array }
  /** Cut off or damaged; what was found. */
  | { readonly damage: string }
  /** Whole perhaps, but not of the kind that is read here. */
  | { readonly notPlain: true };

const threads = new DecodingThreads(code, reasons.damaged);

/**
 * Decodes a plain JPEG on a thread of its own, with libjpeg-turbo and the resize of decoder.c. It reads to the file's
 * end marker, so that a file that is cut off is found. WebAssembly has one result on every kind of CPU.
 *
 * @returns `plan.size` bytes, row by row.
 * @throws Error where there is not enough memory.
 */
export async function decodePlainJpeg(bytes: Uint8Array, plan: DecodePlan): Promise<JpegDecoding> {
  const decoded = await threads.decode(bytes, plan);
  if ('pixels' in decoded) return decoded;
  switch (decoded.reason) {
    case reasons.endsEarly:
      return { damage: 'it ends early' };
    case reasons.damaged:
      return { damage: 'its data are not what they should be' };
    case reasons.notPlain:
      return { notPlain: true };
    default:
      throw new Error('Not enough memory to decode the picture');
  }
}
