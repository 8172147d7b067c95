import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import express, { type ErrorRequestHandler, type Express, type Request } from 'express';
import helmet from 'helmet';
import { z } from 'zod';
import { Failure } from '../contracts/failures';
import { nameSchema } from '../contracts/schemas/pipeline';
import type { Logger } from '../lib/logging/logger';
import { problemMediaType, toProblem } from './problem';

export interface NotificationsOptions {
  /** What a sender must show, as `?token=` (a Pub/Sub push subscription has no other place) or as a bearer. */
  readonly token: string;
  /** Has the watch of that dataset look at its source. @throws Failure `not-found` where nothing watches it */
  readonly look: (dataset: string) => Promise<void>;
  readonly logger: Logger;
}

/** Of a bucket's events, those after which its pictures may be others. */
const changes: ReadonlySet<string> = new Set(['OBJECT_FINALIZE', 'OBJECT_DELETE', 'OBJECT_ARCHIVE']);

/**
 * A Pub/Sub push message with a bucket's notification, as much of it as is read.
 * @see https://cloud.google.com/storage/docs/pubsub-notifications
 */
const pushSchema = z.object({
  message: z.object({ attributes: z.object({ eventType: z.string().optional() }).optional() }),
});

/**
 * The endpoint that a bucket's notifications are pushed to: `POST /notifications/<dataset>`. It starts nothing but a
 * look at the source, so a message that comes twice, late or forged costs one look.
 */
export function createNotificationsApp({ token, look, logger }: NotificationsOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.use(helmet());

  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });

  // Before the body is read: a stranger's is not.
  app.use('/notifications', (request, _response, next) => {
    if (!isAllowed(request, token)) {
      throw new Failure(
        'token-refused',
        'Show the token that DROVER_NOTIFICATIONS_TOKEN holds, as ?token= or as a bearer.',
      );
    }
    next();
  });

  app.post(
    '/notifications/:dataset',
    express.json({ limit: '256kb', type: () => true }),
    async (request, response) => {
      const dataset = nameSchema.safeParse(request.params.dataset);
      const push = pushSchema.safeParse(request.body);
      if (!dataset.success || !push.success) {
        throw new Failure(
          'request-invalid',
          'Expected a Pub/Sub push message with a bucket notification, sent to /notifications/<dataset>.',
        );
      }
      const event = push.data.message.attributes?.eventType;
      const counts = event === undefined || changes.has(event);
      if (counts) await look(dataset.data);
      logger.info('bucket notification', { dataset: dataset.data, event, looked: counts });
      response.status(204).end();
    },
  );

  app.use((request) => {
    throw new Failure('not-found', `There is nothing at this address for ${request.method}.`);
  });
  const answerProblem: ErrorRequestHandler = (error, _request, response, _next) => {
    const problem = toProblem(error, randomUUID());
    if (problem.status >= 500) logger.error('notification failed', { error, instance: problem.instance });
    response.status(problem.status).type(problemMediaType).send(JSON.stringify(problem));
  };
  app.use(answerProblem);
  return app;
}

function isAllowed(request: Request, token: string): boolean {
  const { token: asked } = request.query;
  const [, bearer] = /^Bearer (.+)$/.exec(request.get('authorization') ?? '') ?? [];
  const shown = typeof asked === 'string' ? asked : bearer;
  // Of equal length whatever was shown, and compared without a hint of where they part.
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return shown !== undefined && timingSafeEqual(digest(shown), digest(token));
}
