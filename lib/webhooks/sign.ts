import { createHmac, timingSafeEqual } from 'node:crypto';

/** The header that carries the signature: `t=<seconds since 1970>,v1=<hexadecimal HMAC-SHA256>`. */
export const signatureHeader = 'x-drover-signature';

/** How far a signature's time may be from the receiver's clock, in seconds: what is older may be a replay. */
export const replayWindow = 300;

/**
 * Signs a body: HMAC-SHA256 (RFC 2104) over `<seconds>.<body>`, so that a signature cannot be kept and sent again later.
 *
 * @param at - seconds since 1970
 */
export function signatureOf(secret: string, at: number, body: string): string {
  return `t=${at},v1=${digest(secret, at, body)}`;
}

function digest(secret: string, at: number, body: string): string {
  return createHmac('sha256', secret).update(`${at}.${body}`).digest('hex');
}

/**
 * What a receiver checks, before it reads the body: whether it was signed with the secret, within the replay window.
 *
 * @param now - seconds since 1970
 */
export function isSigned(header: string, secret: string, body: string, now: number): boolean {
  const match = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header);
  if (match?.[1] === undefined || match[2] === undefined) return false;
  const at = Number(match[1]);
  const expected = Buffer.from(digest(secret, at, body), 'hex');
  return Math.abs(now - at) <= replayWindow && timingSafeEqual(expected, Buffer.from(match[2], 'hex'));
}
