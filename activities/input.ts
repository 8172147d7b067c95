import type { z } from 'zod';
import { Failure } from '../contracts/failures';

/**
 * Parses what a workflow was started with. Its words go into the failure, its values never do.
 *
 * @throws Failure `configuration-invalid`
 */
export function parseInput<Schema extends z.ZodType>(
  schema: Schema,
  given: unknown,
  stage: string,
): z.infer<Schema> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`);
  throw new Failure(
    'configuration-invalid',
    `Input of ${stage}: ${wrong.join('; ')}. See docs/workflows.md.`,
  );
}
