/** How often and how long a request is tried again. */
export interface Patience {
  /** Tries of one request, the first included. */
  readonly tries: number;
  /** The longest wait between two tries, in milliseconds, whatever the service asks for. */
  readonly longestWaitMs: number;
}

/** Where the service doesn't say when to come back, in milliseconds: doubled with each try. */
const firstWaitMs = 200;
/** Many clients that were refused at the same moment should not come back at the same moment. */
const spread = 0.5;

/** Statuses with which the service says that the same request may do later. */
export function mayTryAgain(status: number): boolean {
  return status === 503 || status === 429;
}

/**
 * How long to wait before another try, in milliseconds: not less than the service asks for with `Retry-After`, and
 * up to half as long again, by chance.
 *
 * @param attempt - Tries so far, 1 or more.
 * @param retryAfter - The header: seconds, or a date (RFC 9110, section 10.2.3).
 * @param random - In [0, 1).
 * @returns undefined where it asks for more patience than there is.
 */
export function waitBefore(
  attempt: number,
  retryAfter: string | null,
  { longestWaitMs }: Patience,
  random: number,
  now = Date.now(),
): number | undefined {
  const asked = parseRetryAfter(retryAfter, now);
  if (asked !== undefined && asked > longestWaitMs) return undefined;
  const least = asked ?? firstWaitMs * 2 ** (attempt - 1);
  return Math.min(longestWaitMs, Math.round(least * (1 + spread * random)));
}

function parseRetryAfter(header: string | null, now: number): number | undefined {
  if (header === null || header.trim() === '') return undefined;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
