import { randomUUID } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import type { LogFields, Logger } from '../lib/logging/logger';
import { keyNameOf } from './guard/key-check';
import { type RequestTrace, type Traces, withoutTraces } from './traces';

/** What a request carries through the app. */
export class RequestContext {
  #logger: Logger | undefined;

  /** @param id - A UUID: in the answer's `X-Request-Id` and in every log line. */
  constructor(
    readonly id: string,
    readonly trace: RequestTrace,
    private readonly log: Logger,
  ) {}

  /** What every line about this request says. */
  get fields(): LogFields {
    const { traceId } = this.trace;
    return { requestId: this.id, ...(traceId !== undefined && { traceId }) };
  }

  /** Made when it is asked for, for most requests have one line to write, and winston makes a child by an object with a class of its own. */
  get logger(): Logger {
    return (this.#logger ??= this.log.child(this.fields));
  }
}

const contexts = new WeakMap<Response, RequestContext>();

/** The context that {@link requestLog} gave the request that `response` answers. */
export function contextOf(response: Response): RequestContext {
  const context = contexts.get(response);
  if (context === undefined)
    throw new Error('requestLog must come before everything that asks for a context');
  return context;
}

/** Asked every few seconds by whoever watches the process. */
const quietPaths: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics']);

/**
 * Gives each request an id, and logs one line when it ended: with its answer, or because the client left. Its lines hold the id of the trace
 * that it belongs to, and the name of the API key that it showed, where there are such.
 */
export function requestLog(logger: Logger, traces: Traces = withoutTraces): RequestHandler {
  return (request, response, next) => {
    const id = randomUUID();
    const trace = traces.request(request, response);
    const context = new RequestContext(id, trace, logger);
    contexts.set(response, context);
    response.set('X-Request-Id', id);
    const started = process.hrtime.bigint();
    const { method, path } = request;
    response.on('close', () => {
      const ms = Number(process.hrtime.bigint() - started) / 1e6;
      const by = keyNameOf(response);
      const asked = { ...context.fields, method, path, ms: Math.round(ms * 10) / 10 };
      const answered = { ...asked, status: response.statusCode, ...(by !== undefined && { by }) };
      if (!response.writableFinished) logger.info('client went away', asked);
      else if (quietPaths.has(path)) logger.debug('answered', answered);
      else logger.info('answered', answered);
    });
    next();
  };
}
