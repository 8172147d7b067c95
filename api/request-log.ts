import { randomUUID } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import type { Logger } from '../lib/logging/logger';
import { keyNameOf } from './guard/key-check';
import { type RequestTrace, type Traces, withoutTraces } from './traces';

/** What a request carries through the app. */
export interface RequestContext {
  /** A UUID: in the answer's `X-Request-Id` and in every log line. */
  readonly id: string;
  readonly logger: Logger;
  readonly trace: RequestTrace;
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
    const { traceId } = trace;
    const context = {
      id,
      logger: logger.child({ requestId: id, ...(traceId !== undefined && { traceId }) }),
      trace,
    };
    contexts.set(response, context);
    response.set('X-Request-Id', id);
    const started = process.hrtime.bigint();
    const { method, path } = request;
    response.on('close', () => {
      const ms = Number(process.hrtime.bigint() - started) / 1e6;
      const by = keyNameOf(response);
      const fields = {
        ...{ method, path, status: response.statusCode, ms: Math.round(ms * 10) / 10 },
        ...(by !== undefined && { by }),
      };
      if (!response.writableFinished)
        context.logger.info('client went away', { method, path, ms: fields.ms });
      else if (quietPaths.has(path)) context.logger.debug('answered', fields);
      else context.logger.info('answered', fields);
    });
    next();
  };
}
