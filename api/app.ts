import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { Registry } from 'prom-client';
import { Failure, type FailureType } from '../contracts/failures';
import type { Logger } from '../lib/logging/logger';
import { Admission } from './admission';
import { allowOnly } from './allow-only';
import { ClientGone } from './client-gone';
import type { LatestLook } from './drift/latest-look';
import { createDriftMetrics } from './drift/metrics';
import { driftRoute } from './drift/route';
import type { Engine } from './engine/engine';
import { feedbackRoute } from './feedback';
import type { Guard } from './guard/guard';
import { keyNameOf } from './guard/key-check';
import type { Keeping } from './keeping';
import type { ManyPredictions } from './many-predictions';
import { createMetrics } from './metrics';
import type { ModelHolder } from './models/served-model';
import type { ModelReader } from './models-page/read-models';
import { modelsRoutes } from './models-page/routes';
import { openapiRoutes } from './openapi/routes';
import { type Page, readPage } from './page';
import { predictionRoutes } from './prediction-routes';
import { explainProblem, problemMediaType, toProblem } from './problem';
import { contextOf, requestLog } from './request-log';
import { requireModel } from './require-model';
import { createSpoolMetrics } from './spool-metrics';
import type { Traces } from './traces';

export interface AppDependencies {
  readonly models: ModelHolder;
  /** Whose threads answer; without it, metrics say nothing of them. */
  readonly engine?: Pick<Engine, 'queued' | 'threads' | 'lost'>;
  /** For the pages about the registry; without it there are none. */
  readonly registry?: ModelReader;
  readonly logger: Logger;
  readonly limits: {
    /** The largest picture, as a file, in bytes. */
    readonly maxUploadBytes: number;
    /** Pictures at once; 128 where it is left out. */
    readonly maxRequests?: number;
    /** How long a picture may wait for a thread, in milliseconds; 5 s where it is left out. */
    readonly deadlineMs?: number;
  };
  /** Keys, limits, other origins; nobody is refused without it. */
  readonly guard?: Guard;
  readonly traces?: Traces;
  readonly fetchPicture?: ManyPredictions['fetchPicture'];
  /** What others tell Prometheus, to which the app's own figures are added. */
  readonly metrics?: Registry;
  /** What the last look for drift found; without it, `/v1/drift` says that nobody has looked. */
  readonly drift?: LatestLook;
  /** What keeps predictions and feedback; undefined where nothing is kept. */
  readonly keeping?: Pick<Keeping, 'spool' | 'counts'> | undefined;
}

/** Seconds, for answers of 503 that are expected: a pipeline takes a while, some answers are given in less than one. */
const retryAfter: Readonly<Partial<Record<FailureType, number>>> = {
  'model-unavailable': 5,
  'feedback-not-kept': 5,
  busy: 1,
};
const usualRetryAfter = 5;

/** A hundred and twenty-eight pictures of the usual size are less than a small machine has. */
const usualMostRequests = 128;
const usualDeadlineMs = 5_000;

/** Answers every error with a problem document; logs those that are not the client's. */
const answerError: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
  // There is nobody left to answer; requestLog says so.
  if (error instanceof ClientGone) return;
  const { id, logger } = contextOf(response);
  const problem = toProblem(error, id);
  const expectedAfter = error instanceof Failure ? retryAfter[error.type] : undefined;
  if (problem.status >= 500) {
    if (expectedAfter !== undefined) logger.debug('cannot answer now', { error });
    else logger.error('a request failed', { error });
  } else {
    logger.debug('a request was refused', { error });
  }
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (problem.status === 503) {
    response.set('Retry-After', String(expectedAfter ?? usualRetryAfter));
  }
  response.status(problem.status).type(problemMediaType).send(JSON.stringify(problem));
};

function securityHeaders(page: Page): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: [page.scriptSource],
        styleSrc: [page.styleSource],
        imgSrc: ["'self'", 'blob:', 'data:'],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
      },
    },
    xFrameOptions: { action: 'deny' },
    // Whoever puts TLS in front says this; over plain HTTP it means nothing.
    strictTransportSecurity: false,
  });
}

/** The HTTP API: predictions of the current model, and the page at `/`. It starts nothing and listens nowhere. */
export function createApp(dependencies: AppDependencies): Express {
  const { models, engine, registry, logger, limits, guard, fetchPicture, keeping, drift } = dependencies;
  const page = readPage(limits);
  const admission = new Admission(limits.maxRequests ?? usualMostRequests);
  const metrics = createMetrics({ models, admission, engine, registry: dependencies.metrics });
  if (keeping) createSpoolMetrics(metrics.registry, keeping.counts);
  if (drift) createDriftMetrics(metrics.registry, drift);
  const app = express();
  // Answers are never kept by whoever asked, so that nobody would ask by it.
  app.set('etag', false);

  // Without it, what X-Forwarded-For says counts for nothing.
  if (guard !== undefined && guard.trustedProxies.length > 0)
    app.set('trust proxy', [...guard.trustedProxies]);

  app.use(requestLog(logger, dependencies.traces));
  app.use(metrics.requests);
  app.use(securityHeaders(page));
  app.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });
  for (const handler of guard?.handlers ?? []) app.use(handler);

  app.use(
    predictionRoutes({
      models,
      admission,
      metrics,
      maxUploadBytes: limits.maxUploadBytes,
      deadlineMs: limits.deadlineMs ?? usualDeadlineMs,
      ...(fetchPicture && { fetchPicture }),
    }),
  );

  app
    .route('/v1/predictions/:id/feedback')
    .post(feedbackRoute({ spool: keeping?.spool, models, whoAsks: keyNameOf }))
    .all(allowOnly('POST'));

  app
    .route('/v1/model')
    .get((_request, response) => {
      const { name, version, digest, classes, accuracy, promotedAt } = requireModel(models);
      response.json({ name, version, digest, classes, accuracy, promotedAt });
    })
    .all(allowOnly('GET'));

  app.route('/v1/drift').get(driftRoute(drift)).all(allowOnly('GET'));

  app
    .route('/healthz')
    .get((_request, response) => {
      response.json({ status: 'alive' });
    })
    .all(allowOnly('GET'));

  app
    .route('/readyz')
    .get((_request, response) => {
      requireModel(models);
      response.json({ status: 'ready' });
    })
    .all(allowOnly('GET'));

  app.route('/metrics').get(metrics.page).all(allowOnly('GET'));

  app.use(openapiRoutes());

  app
    .route('/')
    .get((_request, response) => {
      response.type('html').send(page.html);
    })
    .all(allowOnly('GET'));

  if (registry !== undefined) {
    app.use(modelsRoutes(registry, logger));
    app.route('/models').all(allowOnly('GET'));
  }

  app
    .route('/problems/:type')
    .get((request, response, next) => {
      const text = explainProblem(request.params.type);
      if (text === undefined) next('route');
      else response.type('text').send(text);
    })
    .all(allowOnly('GET'));

  app.use((request) => {
    throw new Failure('not-found', `There is nothing at ${request.path}. The page at / says what there is.`);
  });
  app.use(answerError);
  return app;
}
