import { z } from 'zod';
import { retrying } from '../../network/retrying';
import { requestFailure, Unavailable } from '../../network/unavailable';
import { requireMlflowAddress } from './address';

/** What a server said no to. */
export class MlflowRefused extends Error {
  override readonly name = 'MlflowRefused';

  constructor(
    host: string,
    readonly status: number,
    /** MLflow's own name for it, such as `RESOURCE_DOES_NOT_EXIST`. */
    readonly code: string,
  ) {
    super(`MLflow at ${host} answered ${status}${code === '' ? '' : ` (${code})`}`);
  }
}

export interface MlflowClientOptions {
  /** `http://host:port`, `https://host/path`. */
  readonly uri: string;
  /** A bearer token; nobody else hears of it. */
  readonly token?: string | undefined;
  /** For one answer, in milliseconds. */
  readonly answerMs?: number;
  readonly attempts?: number;
  readonly firstWaitMs?: number;
}

export interface MlflowClient {
  readonly host: string;
  /** @throws MlflowRefused; Failure `source-unavailable`; the signal's reason */
  get<T>(path: string, query: Readonly<Record<string, string>>, ask: Ask<T>): Promise<T>;
  /** As `get`. With `once`, it isn't tried again: for what must not happen twice. */
  post<T>(path: string, body: object, ask: Ask<T>): Promise<T>;
  /** Sends bytes to the proxy of artifacts; `path` has the run's folder and the file's name. */
  upload(path: string, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
}

export interface Ask<T> {
  readonly answer: z.ZodType<T>;
  readonly signal: AbortSignal;
  readonly once?: boolean;
}

const passing = new Set([408, 425, 429, 500, 502, 503, 504]);
const errorSchema = z.object({ error_code: z.string().regex(/^[A-Z_]{1,60}$/) });
const apiPath = '/api/2.0/mlflow/';
const artifactsPath = '/api/2.0/mlflow-artifacts/artifacts/';

/**
 * MLflow's REST API, as far as a run is written by it. Redirects are not followed, so that a token stays where it was
 * meant for.
 *
 * @see https://mlflow.org/docs/latest/api_reference/rest-api.html
 * @throws Failure `configuration-invalid` as {@link requireMlflowAddress}
 */
export function createMlflowClient(options: MlflowClientOptions): MlflowClient {
  const { uri, token, answerMs = 5_000, attempts = 3, firstWaitMs = 250 } = options;
  const address = requireMlflowAddress(uri);
  const base = address.href.replace(/\/$/, '');
  const authorization: Record<string, string> =
    token === undefined ? {} : { authorization: `Bearer ${token}` };

  async function exchange(
    target: string,
    request: RequestInit,
    signal: AbortSignal,
    ms: number,
  ): Promise<string> {
    const timeout = AbortSignal.timeout(ms);
    try {
      const response = await fetch(`${base}${target}`, {
        ...request,
        headers: { ...authorization, 'user-agent': 'drover', 'content-type': 'application/json' },
        redirect: 'error',
        signal: AbortSignal.any([signal, timeout]),
      });
      const body = await response.text();
      if (response.ok) return body;
      if (passing.has(response.status)) {
        throw new Unavailable(`MLflow at ${address.host} answered ${response.status}.`);
      }
      throw new MlflowRefused(address.host, response.status, errorCodeOf(body));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof MlflowRefused) throw error;
      if (timeout.aborted) {
        throw new Unavailable(`MLflow at ${address.host} answered nothing within ${ms / 1000} s.`);
      }
      throw requestFailure(causeOf(error), `MLflow at ${address.host}`);
    }
  }

  async function call<T>(target: string, request: RequestInit, ask: Ask<T>): Promise<T> {
    const once = { attempts: ask.once === true ? 1 : attempts, firstWaitMs };
    const body = await retrying(once, () => exchange(target, request, ask.signal, answerMs), ask.signal);
    const answer = ask.answer.safeParse(jsonOf(body));
    if (answer.success) return answer.data;
    throw new MlflowRefused(address.host, 200, 'NOT_MLFLOW');
  }

  return {
    host: address.host,
    get: (path, query, ask) => call(`${apiPath}${path}?${new URLSearchParams(query).toString()}`, {}, ask),
    post: (path, body, ask) => call(apiPath + path, { method: 'POST', body: JSON.stringify(body) }, ask),
    async upload(path, bytes, signal) {
      const target = artifactsPath + path.split('/').map(encodeURIComponent).join('/');
      const request = { method: 'PUT', body: Buffer.from(bytes) };
      // The signal bounds it: how long it may take depends on how much it is.
      const ms = 600_000;
      await retrying({ attempts, firstWaitMs }, () => exchange(target, request, signal, ms), signal);
    },
  };
}

/** Fetch wraps what happened in an error that says only that it failed. */
function causeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'cause' in error ? error.cause : error;
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function errorCodeOf(body: string): string {
  const parsed = errorSchema.safeParse(jsonOf(body));
  return parsed.success ? parsed.data.error_code : '';
}
