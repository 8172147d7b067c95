import { Failure } from '../../contracts/failures';
import type { Answer } from './network';
import { Unavailable } from './unavailable';

const passing = new Set([408, 425, 429, 500, 502, 503, 504]);

/** `Retry-After` in milliseconds: seconds, or a date (RFC 9110, 10.2.3). */
export function retryAfterMs(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) && ms > 0 ? ms : undefined;
}

const said: Readonly<Record<number, string>> = {
  401: 'wants to know who asks (401). Give the source a secret that may read it',
  403: 'does not allow it (403). Check that it is public, or that the source’s secret may read it',
  404: 'has nothing at that address (404). Check the address',
  410: 'no longer has it (410). Look for where it is now',
};

/**
 * What an answer's status says where it is none of those expected; its body is let go.
 *
 * @returns `source-unavailable` where asking again may help, with the wait that the host asked for; else
 *   `source-invalid`
 */
export function statusFailure(answer: Answer): Failure {
  answer.discard();
  const { status, host } = answer;
  if (passing.has(status)) {
    return new Unavailable(
      `${host} answered ${status}; it is tried again.`,
      retryAfterMs(answer.header('retry-after')),
    );
  }
  return new Failure('source-invalid', `${host} ${said[status] ?? `answered ${status}; expected the file`}.`);
}
