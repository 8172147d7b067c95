import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import { Failure } from '../../contracts/failures';
import { type CodecPayloads, codecPayloadsSchema } from '../../contracts/schemas/codec';
import type { Logger } from '../../lib/logging/logger';
import type { PayloadCodec } from '../../lib/payloads/codec';
import type { Payload } from '../../lib/payloads/payload';
import { isLocal } from '../administration/same-site';
import { problemMediaType, toProblem } from '../problem';

export interface CodecOptions {
  readonly codec: PayloadCodec;
  /** Origins of Temporal's UI, as a browser sends them. */
  readonly uis: readonly string[];
  /** What an asker must show as a bearer; nobody needs one where it is undefined. */
  readonly token?: string | undefined;
  /** Names by which the listener is reached, beside this machine's own. */
  readonly names?: readonly string[];
  readonly logger: Logger;
}

/** A page of histories is decoded in one request; Temporal holds a payload to 2 MB. */
const limit = '32mb';
const preflight = {
  'Access-Control-Allow-Methods': 'POST',
  'Access-Control-Allow-Headers': 'Authorization, Content-Type, X-Namespace',
  'Access-Control-Allow-Private-Network': 'true',
  'Access-Control-Max-Age': '600',
} as const;

/**
 * Shows Temporal's UI and command line what payloads hold: `POST /decode`, and `POST /encode` for inputs that are given there.
 * Whoever may ask it reads everything, so it answers pages of the named UIs alone, and by names that it knows.
 *
 * @see https://docs.temporal.io/codec-server
 */
export function createCodecApp({ codec, uis, token, names = [], logger }: CodecOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(helmet({ crossOriginResourcePolicy: { policy: 'cross-origin' } }));
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'alive' });
  });
  app.use(knownNamesOnly(names), pagesOf(uis));
  if (token !== undefined) app.use(bearerOnly(token));

  const body = express.json({ limit, type: 'application/json' });
  for (const way of ['encode', 'decode'] as const) {
    app.post(`/${way}`, body, async (request, response) => {
      const asked = codecPayloadsSchema.safeParse(request.body);
      if (!asked.success) {
        throw new Failure(
          'request-invalid',
          "Expected what Temporal's UI and command line send: JSON with payloads, each with metadata and data in base64.",
        );
      }
      const payloads = await codec[way](asked.data.payloads.map(fromJson));
      response.set('Cache-Control', 'no-store').json({ payloads: payloads.map(toJson) });
    });
  }

  app.use((request) => {
    throw new Failure('not-found', `There is nothing at this address for ${request.method}.`);
  });
  const answerProblem: ErrorRequestHandler = (error, _request, response, _next) => {
    const problem = toProblem(error, randomUUID());
    if (problem.status >= 500)
      logger.error('the codec failed', { error: String(error), instance: problem.instance });
    response.status(problem.status).type(problemMediaType).send(JSON.stringify(problem));
  };
  app.use(answerProblem);
  return app;
}

/** A name of a stranger's may be made to lead to this machine (DNS rebinding). */
function knownNamesOnly(names: readonly string[]): RequestHandler {
  const known = new Set(names.map((name) => name.toLowerCase()));
  return (request, _response, next) => {
    const host = request.get('host') ?? '';
    if (!isLocal(host) && !known.has(host.toLowerCase().replace(/:\d+$/, ''))) {
      throw new Failure(
        'request-invalid',
        'This host name is not one by which the codec is reached. Name it with --name where it is.',
      );
    }
    next();
  };
}

/** Pages of other origins are refused, also where a browser asks without a preflight. */
function pagesOf(uis: readonly string[]): RequestHandler {
  const known = new Set(uis);
  return (request, response, next) => {
    response.vary('Origin');
    const origin = request.get('origin');
    if (origin !== undefined) {
      if (!known.has(origin)) {
        throw new Failure(
          'origin-refused',
          "A page of another origin asked. Where it is Temporal's UI, name its origin with --ui.",
        );
      }
      response.set('Access-Control-Allow-Origin', origin);
    }
    // A browser shows no token when it asks whether it may ask.
    if (request.method === 'OPTIONS') response.set(preflight).sendStatus(204);
    else next();
  };
}

function bearerOnly(token: string): RequestHandler {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const wanted = digest(token);
  return (request, response, next) => {
    const [, shown] = /^Bearer (.+)$/i.exec(request.get('authorization') ?? '') ?? [];
    if (shown === undefined || !timingSafeEqual(digest(shown), wanted)) {
      response.set('WWW-Authenticate', 'Bearer');
      throw new Failure('token-refused', 'Show the token that DROVER_CODEC_TOKEN holds, as a bearer.');
    }
    next();
  };
}

function fromJson({ metadata, data }: CodecPayloads['payloads'][number]): Payload {
  return {
    metadata: Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, bytesOf(value)])),
    data: bytesOf(data),
  };
}

function toJson({ metadata, data }: Payload): CodecPayloads['payloads'][number] {
  return {
    metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([key, value]) => [key, textOf(value)])),
    data: textOf(data ?? new Uint8Array()),
  };
}

const bytesOf = (base64: string): Uint8Array => Uint8Array.from(Buffer.from(base64, 'base64'));
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
