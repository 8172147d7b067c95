import type { components } from './schema';

/** A problem document, as RFC 9457 has it. */
export type Problem = components['schemas']['Problem'];

/** The service refused a request: its problem document says what was found, what was expected and what to do. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';

  constructor(readonly problem: Problem) {
    super(`${problem.title}. ${problem.detail}`);
  }

  /** The stable name of what went wrong, such as `picture-unreadable`; undefined for a defect, and from others than the service. */
  get type(): string | undefined {
    return /^\/problems\/(.+)$/.exec(this.problem.type)?.[1];
  }

  get status(): number {
    return this.problem.status;
  }
}

const problemMediaType = 'application/problem+json';

/** What an answer that is no success says. One that isn't the service's, such as a proxy's page, becomes a problem of no type. */
export async function problemOf(response: Response): Promise<Problem> {
  const type = response.headers.get('content-type') ?? '';
  const text = await response.text();
  if (type.startsWith(problemMediaType)) {
    const problem = parseProblem(text);
    if (problem !== undefined) return problem;
  }
  return {
    type: 'about:blank',
    title: response.statusText === '' ? `HTTP ${response.status}` : response.statusText,
    status: response.status,
    detail: `The answer to ${response.url} is no problem document, so that it may come from something before the service.`,
    instance: response.headers.get('x-request-id') ?? '',
  };
}

function parseProblem(text: string): Problem | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isProblem(value) ? value : undefined;
}

function isProblem(value: unknown): value is Problem {
  if (typeof value !== 'object' || value === null) return false;
  const keys = new Map<string, unknown>(Object.entries(value));
  return (
    Number.isInteger(keys.get('status')) &&
    ['type', 'title', 'detail', 'instance'].every((key) => typeof keys.get(key) === 'string')
  );
}
