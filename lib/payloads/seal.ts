import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Bytes of a key: AES-256. */
export const keyBytes = 32;

/** Bytes of the nonce, and of the tag, as NIST SP 800-38D recommends them for GCM. */
const nonceBytes = 12;
const tagBytes = 16;

/**
 * AES-256-GCM with a random nonce.
 *
 * @param bound what must be shown again, unchanged, to open it; it is not in the result
 * @returns nonce, then the encrypted bytes, then the tag: `plain.length + 28` bytes
 */
export function seal(key: Uint8Array, plain: Uint8Array, bound: string): Uint8Array {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(Buffer.from(bound));
  return Uint8Array.from(Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]));
}

/** @throws Error where the key is another, or anything was changed */
export function open(key: Uint8Array, sealed: Uint8Array, bound: string): Uint8Array {
  if (sealed.length < nonceBytes + tagBytes) throw new Error('It is too short to have been sealed.');
  const end = sealed.length - tagBytes;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(Buffer.from(bound));
  decipher.setAuthTag(sealed.subarray(end));
  return Uint8Array.from(
    Buffer.concat([decipher.update(sealed.subarray(nonceBytes, end)), decipher.final()]),
  );
}
