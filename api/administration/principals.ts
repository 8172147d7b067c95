import { timingSafeEqual } from 'node:crypto';
import { sha256 } from '../../lib/storage/refs';

/** Somebody who may administer, known by the digest of a token. */
export interface Principal {
  readonly name: string;
  readonly sha256: string;
}

/**
 * Whose token this is. Every principal's digest is compared, each in the same time, so that how long it takes says
 * nothing of how near a guess came, nor of whom.
 *
 * @returns the name, or undefined
 */
export function principalOf(token: string, principals: readonly Principal[]): string | undefined {
  const shown = Buffer.from(sha256(token), 'hex');
  let found: string | undefined;
  for (const { name, sha256: digest } of principals) {
    if (timingSafeEqual(shown, Buffer.from(digest, 'hex'))) found = name;
  }
  return found;
}
