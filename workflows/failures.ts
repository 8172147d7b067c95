import { ApplicationFailure } from '@temporalio/common';

/** The words of the failure at the bottom: what went wrong, without Temporal's wrapping. */
export function rootCause(error: unknown): string {
  let innermost = error;
  while (innermost instanceof Error && innermost.cause instanceof Error) innermost = innermost.cause;
  return innermost instanceof Error ? innermost.message : String(innermost);
}

/** The type that an activity's failure was given, where it has one. */
export function failureType(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof ApplicationFailure ? (cause.type ?? undefined) : undefined;
}
