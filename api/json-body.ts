import type { Request } from 'express';
import { z } from 'zod';
import { Failure } from '../contracts/failures';
import { BodyTooLarge, readBody } from './body';

/** More than any request of ours has to say: 32 addresses of 2 KB. */
const usualMostBytes = 80 * 1024;

/**
 * A request's JSON body.
 *
 * @throws Failure `request-invalid`, which says where it is not as `schema` has it; {@link ClientGone}.
 */
export async function readJson<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
  mostBytes = usualMostBytes,
): Promise<z.output<Schema>> {
  const body = await readBody(request, mostBytes).catch((error: unknown) => {
    if (!(error instanceof BodyTooLarge)) throw error;
    throw new Failure('request-invalid', `A JSON body may have at most ${mostBytes} bytes here.`);
  });
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    throw new Failure('request-invalid', 'The body is not JSON in UTF-8.', { cause: error });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Failure('request-invalid', `The body is not as expected. ${z.prettifyError(parsed.error)}`);
}
