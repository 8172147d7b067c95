import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context, DiagLogger, SpanContext } from '@opentelemetry/api';
import type { Settings } from '../contracts/schemas/settings';
import type { Logger } from '../lib/logging/logger';
import { version } from '../package.json';
import { routeOf } from './route-of';
import { readTraceParent } from './trace-parent';

/** What is told of one request. */
export interface RequestTrace {
  /** 32 hexadecimal digits; undefined where there is no trace. Stands in the request's log lines. */
  readonly traceId: string | undefined;
  /**
   * Tells of a stage that is over.
   *
   * @param startMs - As `performance.now()` has it.
   */
  stage(name: string, startMs: number, durationMs: number, attributes?: TraceAttributes): void;
}

export type TraceAttributes = Readonly<Record<string, string | number | boolean>>;

export interface Traces {
  /** Begins a request's span, which ends with its answer. */
  request(request: IncomingMessage, response: ServerResponse): RequestTrace;
  /** Sends what was not sent yet. */
  close(): Promise<void>;
}

/** What the exporter complains of is said as often, in milliseconds: a collector that is away is one every few seconds. */
const complaintMs = 60_000;
/** At a process's end, for what was not sent yet, in milliseconds. */
const longestFlushMs = 3000;

/** Of whoever asked, where they trace: the log lines hold it even where this service sends no traces. */
export const withoutTraces: Traces = {
  request: ({ headers }) => ({
    traceId: readTraceParent(headers['traceparent'])?.traceId,
    stage: () => undefined,
  }),
  close: () => Promise.resolve(),
};

/**
 * OpenTelemetry's traces of requests, sent by OTLP over HTTP; its packages are loaded only where the settings name a collector. A request's
 * `traceparent` (W3C Trace Context) is taken over, and where its sender does not sample, nothing is sent.
 *
 * @see https://opentelemetry.io/docs/specs/semconv/http/http-spans for the attributes' names
 */
export async function createTraces(settings: Settings['traces'], logger: Logger): Promise<Traces> {
  if (settings === undefined) return withoutTraces;
  const [
    { diag, DiagLogLevel, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace },
    sdk,
    { OTLPTraceExporter },
    resources,
  ] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  diag.setLogger(complaintsTo(logger), DiagLogLevel.WARN);
  const exporter = new OTLPTraceExporter({ url: `${settings.endpoint.replace(/\/+$/, '')}/v1/traces` });
  const provider = new sdk.TracerProvider({
    resource: resources.resourceFromAttributes({
      'service.name': settings.service,
      'service.version': version,
    }),
    // Its queue is bounded: where the collector is away, spans are dropped.
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter })],
  });
  const tracer = provider.getTracer('drover', version);
  const at = (ms: number): number => performance.timeOrigin + ms;

  function parentOf(header: string | string[] | undefined): Context {
    const parent: SpanContext | undefined = readTraceParent(header);
    return parent === undefined
      ? ROOT_CONTEXT
      : trace.setSpanContext(ROOT_CONTEXT, { ...parent, isRemote: true });
  }

  return {
    request(request, response) {
      const method = request.method ?? '';
      // Without the query: it may hold what is nobody else's.
      const path = (request.url ?? '').split('?', 1)[0] ?? '';
      const span = tracer.startSpan(
        `${method} ${path.slice(0, 100)}`,
        {
          kind: SpanKind.SERVER,
          startTime: at(performance.now()),
          attributes: { 'http.request.method': method, 'url.path': path.slice(0, 1000) },
        },
        parentOf(request.headers['traceparent']),
      );
      const within = trace.setSpan(ROOT_CONTEXT, span);
      response.once('close', () => {
        const route = routeOf(request);
        if (route !== undefined) span.updateName(`${method} ${route}`).setAttribute('http.route', route);
        span.setAttribute('http.response.status_code', response.statusCode);
        if (!response.writableFinished) span.setAttribute('error.type', 'client gone');
        else if (response.statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end(at(performance.now()));
      });
      return {
        traceId: span.spanContext().traceId,
        stage(name, startMs, durationMs, attributes = {}) {
          const stage = tracer.startSpan(name, { startTime: at(startMs), attributes }, within);
          stage.end(at(startMs + durationMs));
        },
      };
    },
    async close() {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, longestFlushMs);
      });
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
      clearTimeout(timer);
    },
  };
}

function complaintsTo(logger: Logger): DiagLogger {
  let last = -Infinity;
  function complain(said: string): void {
    if (performance.now() - last < complaintMs) return;
    last = performance.now();
    logger.warn('traces are not sent as they should be', { said: said.slice(0, 500) });
  }
  const nothing = (): void => undefined;
  return { error: complain, warn: complain, info: nothing, debug: nothing, verbose: nothing };
}
