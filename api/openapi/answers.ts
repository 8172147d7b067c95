import { STATUS_CODES } from 'node:http';
import { failureKinds } from '../../contracts/failures';
import type { AnsweredFailure } from '../../contracts/schemas/serving';
import { problemMediaType } from '../problem';
import { exampleOf, schemaRef, type SchemaName } from './schemas';
import type { Answer, Header, Reference } from './types';

/** Headers that answers have, by the names under which the document keeps them. */
export const componentHeaders = {
  RequestId: {
    description: "The request's id, a UUID: stands in the log, and in problem documents as `instance`",
    schema: { type: 'string', format: 'uuid' },
  },
  RetryAfter: {
    description: 'Seconds after which the same request may succeed',
    schema: { type: 'integer', minimum: 0 },
  },
  Authenticate: {
    description: 'How to show an API key (RFC 6750)',
    schema: { type: 'string' },
  },
  RateLimit: {
    description:
      'Where the service limits requests: how many are left, and the seconds until all are there again, as `"requests";r=99;t=1`',
    schema: { type: 'string' },
  },
  RateLimitPolicy: {
    description: 'The limit itself: so many requests in so many seconds, as `"requests";q=100;w=1`',
    schema: { type: 'string' },
  },
} as const satisfies Record<string, Header>;

type HeaderName = keyof typeof componentHeaders;

function headers(names: Readonly<Record<string, HeaderName>> = {}): Record<string, Reference> {
  const all: Record<string, HeaderName> = { 'X-Request-Id': 'RequestId', ...names };
  return Object.fromEntries(
    Object.entries(all).map(([header, name]) => [header, { $ref: `#/components/headers/${name}` }]),
  );
}

/** Of every answer of an operation for which a service may ask for a key, and count requests. */
export const guardHeaders = {
  RateLimit: 'RateLimit',
  'RateLimit-Policy': 'RateLimitPolicy',
} as const satisfies Record<string, HeaderName>;

/** What any guarded request may be answered, where the service asks for keys or limits requests. */
export const guardRefusals = ['token-refused', 'rate-limited'] as const;

/** An answer of JSON. */
export function json(
  description: string,
  name: SchemaName,
  more: Readonly<Record<string, HeaderName>> = {},
): Answer {
  const value = exampleOf(name);
  return {
    description,
    headers: headers(more),
    content: {
      'application/json': {
        schema: schemaRef(name),
        ...(value !== undefined && { examples: { usual: { value } } }),
      },
    },
  };
}

/** An answer of text, such as a page. */
export function text(
  description: string,
  type: 'text/html' | 'text/plain',
  more?: Readonly<Record<string, HeaderName>>,
): Answer {
  return {
    description,
    headers: headers(more),
    content: { [type]: { schema: { type: 'string' } } },
  };
}

/**
 * The refusals of an operation by their statuses, with an example for each type, and what a defect is answered
 * with, which any operation may come to.
 */
export function problems(...types: readonly AnsweredFailure[]): Record<string, Answer> {
  const byStatus = new Map<number, AnsweredFailure[]>();
  for (const type of types) {
    const { status } = failureKinds[type];
    byStatus.set(status, [...(byStatus.get(status) ?? []), type]);
  }
  const answers = [...byStatus].map(([status, ofStatus]): [string, Answer] => [
    String(status),
    refusal(status, ofStatus),
  ]);
  return { ...Object.fromEntries(answers), '500': defect };
}

function refusal(status: number, types: readonly AnsweredFailure[]): Answer {
  const examples = types.map((type): [string, { summary: string; value: unknown }] => {
    const { title } = failureKinds[type];
    const detail = 'What was found, expected, and what to do.';
    return [type, { summary: title, value: problemExample(`/problems/${type}`, title, status, detail) }];
  });
  return {
    description: types.map((type) => `\`${type}\`: ${failureKinds[type].title}`).join('. '),
    headers: headers(refusalHeaders(status)),
    content: {
      [problemMediaType]: { schema: schemaRef('Problem'), examples: Object.fromEntries(examples) },
    },
  };
}

function refusalHeaders(status: number): Record<string, HeaderName> {
  if (status === 401) return { 'WWW-Authenticate': 'Authenticate' };
  if (status === 429) return { 'Retry-After': 'RetryAfter', ...guardHeaders };
  return status === 503 ? { 'Retry-After': 'RetryAfter' } : {};
}

function problemExample(type: string, title: string, status: number, detail: string) {
  return { type, title, status, detail, instance: 'urn:uuid:6f0c5a8e-3a52-4c11-9d0e-5f6f4c6f5f10' };
}

const defect: Answer = {
  description: "A defect: the log has it, under the request's id",
  headers: headers(),
  content: {
    [problemMediaType]: {
      schema: schemaRef('Problem'),
      examples: {
        defect: {
          value: problemExample(
            'about:blank',
            STATUS_CODES[500] ?? '',
            500,
            "Something went wrong here. The log of the API says more, under this request's id.",
          ),
        },
      },
    },
  },
};
