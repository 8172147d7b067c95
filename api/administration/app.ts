import { randomUUID } from 'node:crypto';
import express, { type ErrorRequestHandler, type Express, type Request, type Response } from 'express';
import helmet from 'helmet';
import { z } from 'zod';
import { Failure } from '../../contracts/failures';
import type { Decision } from '../../contracts/messages';
import { nameSchema } from '../../contracts/schemas/pipeline';
import type { Logger } from '../../lib/logging/logger';
import { documentPolicy } from '../../lib/page/document';
import { requireByHand } from '../../lib/registry/keys';
import type { Registry } from '../../lib/registry/registry';
import type { Store } from '../../lib/storage/store';
import type { ModelReader } from '../models-page/read-models';
import { problemMediaType, toProblem } from '../problem';
import type { Administration } from './administration';
import { tooManyTokens, type LoginLimit } from './login-limit';
import { ownAddress } from './own-address';
import { loginPage, overviewPage, problemPage } from './pages';
import { principalOf, type Principal } from './principals';
import { reviewRoutes } from './review-routes';
import { isLocal, sameSiteOnly } from './same-site';
import { createSessions, isFormOf, type Session, type Sessions } from './sessions';
import { administrationStyle } from './style';

export interface AdministrationOptions {
  readonly administration: Administration;
  readonly registry: Pick<Registry, 'alias' | 'moveAlias' | 'removeAlias'>;
  readonly reader: Pick<ModelReader, 'models'>;
  /** Who may come in. */
  readonly principals: readonly Principal[];
  /** Names by which the listener is reached, beside this machine's own. */
  readonly names?: readonly string[];
  readonly logger: Logger;
  readonly sessions?: Sessions;
  /** Where the API's predictions and their labels are. */
  readonly store: Store;
  readonly loginLimit: LoginLimit;
}

const policy = `${documentPolicy(administrationStyle, undefined, true)}; frame-ancestors 'none'`;

const reasonSchema = z.string().trim().min(1).max(2000);
const versionSchema = z
  .string()
  .regex(/^(?:[1-9]\d{0,8})?$/)
  .transform((text) => (text === '' ? undefined : Number(text)));

const forms = {
  decision: z.object({ decision: z.enum(['approve', 'reject']), reason: reasonSchema }),
  rollback: z.object({ version: versionSchema, reason: reasonSchema }),
  alias: z.object({
    alias: z.string().min(1).max(64),
    version: versionSchema.optional(),
    remove: z.literal('yes').optional(),
    reason: reasonSchema,
  }),
};

/**
 * The administration: what waits for a person, rolling back, names of versions. Everybody in it has shown a token, and
 * what they do is recorded under its name. For a listener of its own, on this machine's loopback by default.
 */
export function createAdministrationApp(options: AdministrationOptions): Express {
  const { administration, registry, reader, principals, names = [], logger, loginLimit } = options;
  const sessions = options.sessions ?? createSessions();
  const app = express();
  app.set('query parser', 'simple');
  app.use(
    helmet({
      contentSecurityPolicy: false,
      strictTransportSecurity: false,
      // With none at all, browsers don't say of a form that it comes from this very origin.
      referrerPolicy: { policy: 'same-origin' },
    }),
  );
  app.use((_request, response, next) => {
    response.set({ 'Content-Security-Policy': policy, 'Cache-Control': 'no-store' });
    next();
  });
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'alive' });
  });
  app.use(sameSiteOnly(names));
  app.use(express.urlencoded({ extended: false, limit: '16kb', parameterLimit: 20 }));

  app.get('/', async (request, response) => {
    const session = sessions.find(request.get('cookie'));
    response.type('html');
    if (session === undefined) {
      response.send(loginPage(ownAddress(request.query['to']), false));
      return;
    }
    const [pending, models] = await Promise.all([pendingOrNot(), reader.models()]);
    response.send(overviewPage({ session, pending, models }));
    session.notice = undefined;
  });

  /** The registry can be administered while Temporal is away. */
  async function pendingOrNot() {
    try {
      return await administration.pending();
    } catch (error) {
      logger.warn('the promotions that wait cannot be listed', { error });
      return undefined;
    }
  }

  app.post('/login', async (request, response) => {
    const wait = await loginLimit.attempt(request.ip);
    if (wait !== undefined) {
      logger.warn('too many tokens were wrong', { address: request.ip });
      response.set('Retry-After', String(wait));
      throw tooManyTokens(wait);
    }
    const { token, to: asked } = bodyOf(request);
    const to = ownAddress(asked);
    const name = typeof token === 'string' ? principalOf(token, principals) : undefined;
    if (name === undefined) {
      logger.warn('a token was refused');
      response.status(401).type('html').send(loginPage(to, true));
      return;
    }
    await loginLimit.right(request.ip);
    logger.info('came in', { principal: name });
    response.set('Set-Cookie', sessions.begin(name, !isLocal(request.get('host') ?? ''))).redirect(303, to);
  });

  app.post('/logout', (request, response) => {
    requireSession(request);
    response.set('Set-Cookie', sessions.end(request.get('cookie'))).redirect(303, '/');
  });

  /** @throws Failure `token-refused` where nobody came in, or the form is not of one of their pages */
  function requireSession(request: Request): Session {
    const session = sessions.find(request.get('cookie'));
    const shown = bodyOf(request)['form'];
    if (session !== undefined && typeof shown === 'string' && isFormOf(session, shown)) return session;
    throw new Failure('token-refused', 'Come in with your token at / first, and use the form there.');
  }

  /** Does something in a person's name, and says on the next page what came of it. */
  async function act(
    request: Request,
    response: Response,
    what: string,
    work: (session: Session) => Promise<string>,
    to = '/',
  ): Promise<void> {
    const session = requireSession(request);
    try {
      session.notice = { text: await work(session), isGood: true };
      logger.info('administered', { principal: session.principal, what });
    } catch (error) {
      const known = error instanceof Failure;
      if (!known) logger.error('administration failed', { principal: session.principal, what, error });
      const text = known ? `${error.title}. ${error.message}` : 'Something went wrong; the log says more.';
      session.notice = { text, isGood: false };
    }
    response.redirect(303, to);
  }

  /** @throws Failure `token-refused` where nobody came in */
  function whoLooks(request: Request): Session {
    const session = sessions.find(request.get('cookie'));
    if (session !== undefined) return session;
    throw new Failure('token-refused', 'Come in with your token at / first.');
  }

  // Whoever looks in a browser comes in first, and then sees what they have asked for.
  app.use('/feedback', (request, response, next) => {
    const isPage = request.method === 'GET' && request.accepts(['json', 'html']) === 'html';
    if (!isPage || sessions.find(request.get('cookie')) !== undefined) next();
    else response.redirect(303, `/?to=${encodeURIComponent(request.originalUrl)}`);
  });
  app.use(reviewRoutes({ store: options.store, whoLooks, act }));

  app.post('/promotions/:workflow', async (request, response) => {
    await act(request, response, 'decide', async ({ principal }) => {
      const { decision, reason } = parsed(forms.decision, request);
      await administration.decide(request.params.workflow, decision, { by: principal, reason });
      return `${decision === 'approve' ? 'Approved' : 'Rejected'}: ${request.params.workflow}.`;
    });
  });

  app.post('/models/:name/rollback', async (request, response) => {
    await act(request, response, 'rollback', async ({ principal }) => {
      const { version, reason } = parsed(forms.rollback, request);
      const said: Decision = { by: principal, reason };
      const champion = await administration.rollback(modelOf(request), version, said);
      return `The champion of ${modelOf(request)} is ${champion === undefined ? 'as it was' : `version ${champion}`}.`;
    });
  });

  app.post('/models/:name/alias', async (request, response) => {
    await act(request, response, 'alias', async ({ principal: by }) => {
      const { alias, version, remove, reason } = parsed(forms.alias, request);
      const model = modelOf(request);
      requireByHand(alias);
      if (remove === 'yes') {
        await registry.removeAlias(model, alias, { by, reason });
        return `${model} has no alias ${alias} any more.`;
      }
      if (version === undefined) throw new Failure('request-invalid', 'Name the version.');
      const expected = (await registry.alias(model, alias))?.generation;
      await registry.moveAlias(model, alias, { version, expected, by, reason });
      return `${alias} of ${model} is version ${version}.`;
    });
  });

  app.use((request) => {
    throw new Failure('not-found', `There is nothing at this address for ${request.method}.`);
  });
  const answerProblem: ErrorRequestHandler = (error, request, response, _next) => {
    const problem = toProblem(error, randomUUID());
    if (problem.status >= 500) logger.error('a request failed', { error, instance: problem.instance });
    response.status(problem.status);
    if (request.accepts(['json', 'html']) === 'html') response.type('html').send(problemPage(problem));
    else response.type(problemMediaType).send(JSON.stringify(problem));
  };
  app.use(answerProblem);
  return app;
}

function bodyOf(request: Request): Readonly<Record<string, unknown>> {
  const body: unknown = request.body;
  return typeof body === 'object' && body !== null ? { ...body } : {};
}

function parsed<S extends z.ZodType>(schema: S, request: Request): z.infer<S> {
  const result = schema.safeParse(bodyOf(request));
  if (result.success) return result.data;
  const fields = [...new Set(result.error.issues.map(({ path }) => path.join('.')))];
  throw new Failure('request-invalid', `The form's ${fields.join(', ')}: missing, or not as expected.`);
}

function modelOf(request: Request): string {
  const name = nameSchema.safeParse(request.params['name']);
  if (name.success) return name.data;
  throw new Failure('request-invalid', 'That is no model.');
}
