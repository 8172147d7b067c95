import type { z } from 'zod';
import { Failure } from '../contracts/failures';
import { check } from '../contracts/schemas/problems';

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
  const checked = check(schema, given);
  if (checked.ok) return checked.value;
  const wrong = checked.problems.map(({ path, message }) => `${path.join('.') || 'input'}: ${message}`);
  throw new Failure(
    'configuration-invalid',
    `Input of ${stage}: ${wrong.join('; ')}. See docs/workflows.md.`,
  );
}
