import { Failure } from '../../../contracts/failures';
import { mlflowUriSchema } from '../../../contracts/schemas/tracking';

/** @throws Failure `configuration-invalid` where it is no address of a server; its message names none of it */
export function requireMlflowAddress(uri: string): URL {
  const checked = mlflowUriSchema.safeParse(uri);
  if (checked.success) return new URL(checked.data);
  const wrong = checked.error.issues.map(({ message }) => message).join('; ');
  throw new Failure('configuration-invalid', `The address of MLflow is not valid: ${wrong}.`);
}
