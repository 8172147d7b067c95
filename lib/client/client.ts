import { setTimeout as sleep } from 'node:timers/promises';
import { formOf, type Picture } from './picture';
import { ProblemError, problemOf } from './problem-error';
import { mayTryAgain, type Patience, waitBefore } from './retry';
import type { components, operations, paths } from './schema';

type Schemas = components['schemas'];
export type Prediction = Schemas['Prediction'];
export type Batch = Schemas['Batch'];
export type Model = Schemas['Model'];
export type Feedback = Schemas['Feedback'];
export type KeptFeedback = Schemas['KeptFeedback'];

export interface ClientOptions {
  /** Where the service is, such as `http://localhost:8080`; a path before its own stays. */
  readonly url: string;
  /** Where the service asks for one. It is sent to `url` alone: redirects are not followed. */
  readonly apiKey?: string;
  /** Tries of one request where the service has no room for it (503, 429) or can't be reached, the first included; 5. */
  readonly tries?: number;
  /** The longest wait between two tries; 30 s. Where the service asks for more, its refusal is thrown. */
  readonly longestWaitMs?: number;
  /** For one try, from its first byte to the last of the answer; 60 s. */
  readonly timeoutMs?: number;
}

export interface CallOptions {
  /** Ends it at once, waits between tries too. */
  readonly signal?: AbortSignal;
}

/** Every method throws {@link ProblemError} where the service refuses, a `TypeError` where it can't be reached, and the signal's reason. */
export interface Client {
  /** What is in a picture. */
  predict(picture: Picture, options?: CallOptions): Promise<Prediction>;
  /** What is in each of several pictures; one that is refused has its problem in its place. */
  predictMany(pictures: readonly Picture[], options?: CallOptions): Promise<Batch>;
  /** The same for pictures that the service fetches itself, where it is allowed to. */
  predictUrls(urls: readonly string[], options?: CallOptions): Promise<Batch>;
  /** Says what a picture really showed. @param id - The prediction's. */
  feedback(id: string, feedback: Feedback, options?: CallOptions): Promise<KeptFeedback>;
  /** The model that answers now. */
  model(options?: CallOptions): Promise<Model>;
}

/** What a JSON answer of success holds, by the document. */
type AnswerOf<Name extends keyof operations> =
  Extract<
    operations[Name]['responses'][keyof operations[Name]['responses'] & (200 | 202)],
    JsonAnswer
  > extends {
    content: { 'application/json': infer Body };
  }
    ? Body
    : never;
interface JsonAnswer {
  content: { 'application/json': unknown };
}

/** A request by the document: a path that it has, filled in. */
interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: keyof paths;
  readonly id?: string;
  readonly body?: FormData | object;
}

/** A typed client of Drover's API; its types are made from the API's OpenAPI document (`npm run client`). */
export function createClient(options: ClientOptions): Client {
  const { tries = 5, longestWaitMs = 30_000 } = options;
  const patience: Patience = { tries, longestWaitMs };

  async function ask<Name extends keyof operations>(
    call: Call,
    { signal }: CallOptions = {},
  ): Promise<AnswerOf<Name>> {
    for (let attempt = 1; ; attempt += 1) {
      const outcome = await tryOnce(call, options, signal);
      // What the service promises in its own document; nothing else could be checked here.
      if (outcome.response?.ok === true) return (await outcome.response.json()) as AnswerOf<Name>;
      const wait = waitAfter(outcome, attempt, patience);
      if (wait === undefined) throw await errorOf(outcome);
      await outcome.response?.body?.cancel();
      await sleep(wait, undefined, signal && { signal });
    }
  }

  return {
    async predict(picture, callOptions) {
      const body = await formOf([picture]);
      return ask<'predict'>({ method: 'POST', path: '/get_prediction', body }, callOptions);
    },
    async predictMany(pictures, callOptions) {
      const body = await formOf(pictures);
      return ask<'predictMany'>({ method: 'POST', path: '/v1/predictions', body }, callOptions);
    },
    predictUrls: (urls, callOptions) =>
      ask<'predictMany'>({ method: 'POST', path: '/v1/predictions', body: { urls } }, callOptions),
    feedback: (id, body, callOptions) =>
      ask<'giveFeedback'>({ method: 'POST', path: '/v1/predictions/{id}/feedback', id, body }, callOptions),
    model: (callOptions) => ask<'model'>({ method: 'GET', path: '/v1/model' }, callOptions),
  };
}

/** What came of one try: an answer of any status, or the reason why there was none. */
interface Outcome {
  readonly response?: Response;
  readonly error?: unknown;
}

async function tryOnce(
  { method, path, id, body }: Call,
  { url, apiKey, timeoutMs = 60_000 }: ClientOptions,
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  const filled = id === undefined ? path : path.replace('{id}', encodeURIComponent(id));
  const isForm = body instanceof FormData;
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(`${url.replace(/\/+$/, '')}${filled}`, {
      method,
      redirect: 'error',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      headers: {
        Accept: 'application/json, application/problem+json',
        ...(apiKey !== undefined && { Authorization: `Bearer ${apiKey}` }),
        ...(body !== undefined && !isForm && { 'Content-Type': 'application/json' }),
      },
      ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
    });
    return { response };
  } catch (error) {
    signal?.throwIfAborted();
    return { error };
  }
}

/** Predictions and feedback may be sent twice without harm, so that a lost connection is no reason to give up either. */
function waitAfter({ response }: Outcome, attempt: number, patience: Patience): number | undefined {
  if (attempt >= patience.tries) return undefined;
  if (response === undefined) return waitBefore(attempt, null, patience, Math.random());
  if (!mayTryAgain(response.status)) return undefined;
  return waitBefore(attempt, response.headers.get('retry-after'), patience, Math.random());
}

async function errorOf({ response, error }: Outcome): Promise<unknown> {
  return response === undefined ? error : new ProblemError(await problemOf(response));
}
