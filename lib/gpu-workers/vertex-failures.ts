import { z } from 'zod';

/**
 * - `no-room`: a quota is used up, or the region has no such machine free: nothing was made
 * - `refused`: permissions, a wrong request: nothing was made, and asking again changes nothing
 * - `absent`: there is none of the name · `too-late`: it has ended already
 * - `unknown`: no answer, or one that says nothing of what was done
 */
export type VertexFailureKind = 'no-room' | 'refused' | 'absent' | 'too-late' | 'unknown';

/** What Vertex AI did not do. It never leaves `lib/gpu-workers`: a look tells it in its own words. */
export class VertexFailure extends Error {
  override readonly name = 'VertexFailure';
  constructor(
    readonly kind: VertexFailureKind,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

const kinds: ReadonlyMap<number, VertexFailureKind> = new Map<number, VertexFailureKind>([
  [429, 'no-room'],
  [404, 'absent'],
  [400, 'refused'],
  [401, 'refused'],
  [403, 'refused'],
  [409, 'too-late'],
]);

const errorSchema = z.object({
  error: z.object({
    code: z.number().optional(),
    message: z.string().optional(),
    status: z.string().optional(),
  }),
});

/** Words that Google has for a region that has no such machine free, by whatever status. */
const noRoom = /stockout|resource_exhausted|resource pool exhausted|insufficient|out of capacity|quota/i;

/** @param what - what was asked, for people: `make a job` */
export function vertexFailure(what: string, region: string, error: unknown): VertexFailure {
  if (error instanceof VertexFailure) return error;
  const status = statusOf(error);
  const { message = '', status: word = '' } = saidBy(error);
  const said = message === '' && error instanceof Error ? error.message : message;
  let kind = (status === undefined ? undefined : kinds.get(status)) ?? 'unknown';
  if (word === 'FAILED_PRECONDITION') kind = 'too-late';
  else if (kind === 'refused' && status === 400 && noRoom.test(said)) kind = 'no-room';
  const code = status === undefined ? '' : ` (${status})`;
  return new VertexFailure(kind, `Vertex AI in ${region} did not ${what}${code}: ${firstLine(said)}`, {
    cause: error,
  });
}

/** Whether a job that failed at Google did so because there was no machine for it. */
export function lackedRoom(
  error: { readonly code?: number | undefined; readonly message: string } | undefined,
): boolean {
  // RESOURCE_EXHAUSTED, and UNAVAILABLE where the words say so.
  return error !== undefined && (error.code === 8 || noRoom.test(error.message));
}

export function firstLine(text: string): string {
  return (text.split('\n')[0] ?? '').slice(0, 300) || 'no reason was given';
}

function statusOf(error: unknown): number | undefined {
  const found = z
    .object({ response: z.object({ status: z.number() }) })
    .transform(({ response }) => response.status)
    .safeParse(error);
  return found.success ? found.data : undefined;
}

function saidBy(error: unknown): { message?: string | undefined; status?: string | undefined } {
  const found = z.object({ response: z.object({ data: errorSchema }) }).safeParse(error);
  return found.success ? found.data.response.data.error : {};
}
