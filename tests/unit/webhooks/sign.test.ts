import { describe, expect, it } from '@jest/globals';
import { isSigned, signatureOf } from '../../../lib/webhooks/sign';

const secret = 'key';
const body = '{"a":1}';
const at = 1_700_000_000;

describe("a webhook's signature", () => {
  it('is the HMAC that OpenSSL makes of the time, a dot and the body', () => {
    // printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac key
    expect(signatureOf(secret, at, body)).toBe(
      't=1700000000,v1=a438e398bfafc57e4396bb7fc2304422f0f768e965d073ca313cb52e22e6ad03',
    );
  });

  it.each([
    ['as it was signed', secret, body, at, true],
    ['within the window', secret, body, at + 300, true],
    ['by a clock that is behind', secret, body, at - 300, true],
    ['later', secret, body, at + 301, false],
    ['by a clock far behind', secret, body, at - 301, false],
    ['with another secret', 'other', body, at, false],
    ['with another body', secret, '{"a":2}', at, false],
  ])('%s: %#', (_, key, text, now, holds) => {
    expect(isSigned(signatureOf(secret, at, body), key, text, now)).toBe(holds);
  });

  it('is not taken for another time that was written into it', () => {
    const [, digest = ''] = signatureOf(secret, at, body).split(',');
    expect(isSigned(`t=${at + 600},${digest}`, secret, body, at + 600)).toBe(false);
  });

  it.each(['', 't=1', 'v1=00', 't=1,v1=00', `t=x,v1=${'0'.repeat(64)}`])('%j is none', (header) => {
    expect(isSigned(header, secret, body, at)).toBe(false);
  });
});
