import { z } from 'zod';

/**
 * - `absent`: there is none of the name · `exists`: there is one already, or somebody changed it meanwhile
 * - `api-disabled`: the project has not enabled the API · `denied`: these credentials may not
 * - `credentials`: there are none that are valid for this
 * - `busy`: asked too often, or no answer; it was asked again for a while · `refused`: anything else that asking again won't change
 */
export type RefusalKind =
  'absent' | 'exists' | 'api-disabled' | 'denied' | 'credentials' | 'busy' | 'refused';

/** What Google did not do, in words for people. It never leaves this room: an outcome tells it. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  constructor(
    readonly kind: RefusalKind,
    message: string,
    /** Milliseconds that Google asks to wait. */
    readonly waitMs?: number,
  ) {
    super(message);
  }
}

const responseSchema = z.object({
  response: z.object({
    status: z.number(),
    headers: z.unknown(),
    data: z
      .object({
        error: z.object({
          message: z.string().default(''),
          details: z
            .array(
              z.looseObject({ reason: z.string().optional(), metadata: z.unknown() }).catch({ metadata: {} }),
            )
            .default([]),
          errors: z.array(z.object({ reason: z.string() })).default([]),
        }),
      })
      .catch({ error: { message: '', details: [], errors: [] } }),
  }),
});

const kinds: ReadonlyMap<number, RefusalKind> = new Map<number, RefusalKind>([
  [404, 'absent'],
  [409, 'exists'],
  [412, 'exists'],
  [401, 'denied'],
  [403, 'denied'],
  [408, 'busy'],
  [429, 'busy'],
]);

/** What an error of the authentication library means. The headers and addresses that it holds are left behind. */
export function refusalOf(error: unknown, project: string): Refusal {
  if (error instanceof Refusal) return error;
  const found = responseSchema.safeParse(error);
  if (!found.success) return withoutAnswer(error);
  const { status, headers, data } = found.data.response;
  const { message, details, errors } = data.error;
  const reasons = [...details.map(({ reason }) => reason), ...errors.map(({ reason }) => reason)];
  const words = firstLine(message);
  if (reasons.some((reason) => reason === 'SERVICE_DISABLED' || reason === 'accessNotConfigured')) {
    return new Refusal('api-disabled', `the API is not enabled (${status}): ${words}`);
  }
  if (/quota project/i.test(message)) {
    const command = `gcloud auth application-default set-quota-project ${project}`;
    return new Refusal(
      'credentials',
      `Google's credentials name no project that pays for the question: ${command}`,
    );
  }
  if (reasons.some((reason) => reason === 'rateLimitExceeded' || reason === 'RATE_LIMIT_EXCEEDED')) {
    return new Refusal('busy', `asked too often (${status}): ${words}`, retryAfter(headers));
  }
  const kind = status >= 500 ? 'busy' : (kinds.get(status) ?? 'refused');
  return new Refusal(kind, `${words} (${status})`, kind === 'busy' ? retryAfter(headers) : undefined);
}

function withoutAnswer(error: unknown): Refusal {
  const message = error instanceof Error ? error.message : String(error);
  if (/default credentials|invalid_grant|invalid_rapt|reauth/i.test(message)) {
    return new Refusal(
      'credentials',
      "There are no credentials of Google's that are valid: gcloud auth application-default login, or GOOGLE_APPLICATION_CREDENTIALS",
    );
  }
  return new Refusal('busy', `no answer: ${firstLine(message)}`);
}

function retryAfter(headers: unknown): number | undefined {
  const seconds = headers instanceof Headers ? Number(headers.get('retry-after') ?? Number.NaN) : Number.NaN;
  return Number.isFinite(seconds) ? Math.min(seconds, 60) * 1000 : undefined;
}

function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 300) || 'no reason was given';
}
