import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import { championAlias } from '../contracts/names';
import { Failure } from '../contracts/failures';
import type { Logger } from '../lib/logging/logger';
import { Admission } from './admission';
import type { ModelReader } from './models-page/read-models';
import { modelsRoutes } from './models-page/routes';
import { createMetrics } from './metrics';
import { readPage } from './page';
import { predict } from './prediction';
import { explainProblem, problemMediaType, toProblem } from './problem';
import { contextOf, requestLog } from './request-log';
import type { ModelDescription, ModelHolder } from './served-model';
import { ClientGone, createPictureReader } from './upload';

export interface AppDependencies {
  readonly models: ModelHolder;
  /** For the pages about the registry; without it there are none. */
  readonly registry?: ModelReader;
  readonly logger: Logger;
  readonly limits: {
    /** The largest picture, as a file, in bytes. */
    readonly maxUploadBytes: number;
    /** Pictures at once; 128 where it is left out. */
    readonly maxRequests?: number;
  };
}

/** For answers of 503: about the time between two looks at the alias, and that in which some answers are given. */
const retryAfterSeconds = { 'model-unavailable': 5, busy: 1 } as const;

/** A hundred and twenty-eight pictures of the usual size are less than a small machine has. */
const usualMostRequests = 128;

function requireModel(models: ModelHolder): ModelDescription {
  const model = models.current();
  if (model !== undefined) return model;
  throw new Failure(
    'model-unavailable',
    `There is no ${championAlias} to answer yet: one is served as soon as a pipeline has promoted it.`,
  );
}

/** The last handler of a path: whatever method comes here is none of those that it has. */
function allowOnly(...methods: string[]): RequestHandler {
  const allowed = methods.includes('GET') ? [...methods, 'HEAD'] : methods;
  return (request, response) => {
    response.set('Allow', [...allowed, 'OPTIONS'].join(', '));
    if (request.method === 'OPTIONS') {
      response.sendStatus(204);
      return;
    }
    throw new Failure(
      'method-refused',
      `${request.method} is not possible on ${request.path}; it has ${allowed.join(', ')}.`,
    );
  };
}

/** Answers every error with a problem document; logs those that are not the client's. */
const answerError: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
  // There is nobody left to answer; requestLog says so.
  if (error instanceof ClientGone) return;
  const { id, logger } = contextOf(response);
  const problem = toProblem(error, id);
  if (problem.status >= 500) {
    const expected = error instanceof Failure && Object.hasOwn(retryAfterSeconds, error.type);
    if (expected) logger.debug('cannot answer now', { error });
    else logger.error('a request failed', { error });
  } else {
    logger.debug('a request was refused', { error });
  }
  if (response.headersSent) {
    response.destroy();
    return;
  }
  if (problem.status === 503) {
    const isBusy = error instanceof Failure && error.type === 'busy';
    response.set('Retry-After', String(retryAfterSeconds[isBusy ? 'busy' : 'model-unavailable']));
  }
  response.status(problem.status).type(problemMediaType).send(JSON.stringify(problem));
};

/** The HTTP API: predictions of the current model, and the page at `/`. It starts nothing and listens nowhere. */
export function createApp({ models, registry, logger, limits }: AppDependencies): Express {
  const page = readPage();
  const readPicture = createPictureReader(limits.maxUploadBytes);
  const admission = new Admission(limits.maxRequests ?? usualMostRequests);
  const metrics = createMetrics(models, admission);
  const app = express();

  app.use(requestLog(logger));
  app.use(metrics.requests);
  app.use(
    helmet({
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
      // Whoever puts TLS in front says this; over plain HTTP it means nothing.
      strictTransportSecurity: false,
    }),
  );
  app.use((_request, response, next) => {
    response.set('Cache-Control', 'no-store');
    next();
  });

  app
    .route('/get_prediction')
    .post(async (request, response) => {
      // Before the body is read: without a model, that would be for nothing.
      requireModel(models);
      const prediction = await admission.hold(async () => {
        const picture = await metrics.timed('receive', () => readPicture(request, response));
        return predict(models, picture, contextOf(response).id, metrics.timed);
      });
      metrics.answered(prediction);
      response.json(prediction);
    })
    .all(allowOnly('POST'));

  app
    .route('/v1/model')
    .get((_request, response) => {
      const { name, version, digest, classes, accuracy, promotedAt } = requireModel(models);
      response.json({ name, version, digest, classes, accuracy, promotedAt });
    })
    .all(allowOnly('GET'));

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
