import { STATUS_CODES } from 'node:http';
import { Failure, failureKinds, type FailureType, isFailureType } from '../contracts/failures';
import type { ProblemDocument } from '../contracts/schemas/serving';

/**
 * A problem document: RFC 9457, "Problem Details for HTTP APIs". Its `type` is `/problems/<failure type>`, where the API explains it, or
 * `about:blank` for a defect; its `instance` is the request's id, by which the log has it too.
 */
export type Problem = Readonly<ProblemDocument>;

export const problemMediaType = 'application/problem+json';

/** Failures of the server whose message is written for whoever asked, not for whoever runs it. */
const shownServerFailures: ReadonlySet<FailureType> = new Set(['model-unavailable', 'busy']);

/** The HTTP status that Express or one of its parsers gave an error, where it blames the request. */
function requestErrorStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return undefined;
  return error.status >= 400 && error.status < 500 ? error.status : undefined;
}

/**
 * What a request that ended in `error` is answered. What isn't a {@link Failure} is a defect: the answer
 * tells nothing of it but the request's id, under which it stands in the log.
 *
 * @param requestId - A UUID.
 */
export function toProblem(error: unknown, requestId: string): Problem {
  const instance = `urn:uuid:${requestId}`;
  if (error instanceof Failure) {
    const shown = error.status < 500 || shownServerFailures.has(error.type);
    return {
      type: `/problems/${error.type}`,
      title: error.title,
      status: error.status,
      detail: shown ? error.message : `The log of the API says more, under this request's id.`,
      instance,
    };
  }
  if (requestErrorStatus(error) !== undefined) {
    const { title, status } = failureKinds['request-invalid'];
    return {
      type: '/problems/request-invalid',
      title,
      status,
      detail: 'The request cannot be understood: its path, its headers or its body are malformed.',
      instance,
    };
  }
  return {
    type: 'about:blank',
    title: STATUS_CODES[500] ?? '',
    status: 500,
    detail: "Something went wrong here. The log of the API says more, under this request's id.",
    instance,
  };
}

/** A page about one type of failure, as plain text; undefined where there is no such type. */
export function explainProblem(type: string): string | undefined {
  if (!isFailureType(type)) return undefined;
  const { title, status, retryable } = failureKinds[type];
  return [
    title,
    '',
    `Type: ${type}`,
    `HTTP status: ${status} ${STATUS_CODES[status] ?? ''}`,
    retryable
      ? 'The same request may succeed later: try again after the time that Retry-After names.'
      : 'The same request will fail again: the "detail" of the answer says what to change.',
    '',
  ].join('\n');
}
