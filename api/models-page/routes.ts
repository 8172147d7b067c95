import { Router, type Response } from 'express';
import { Failure } from '../../contracts/failures';
import type { Logger } from '../../lib/logging/logger';
import { documentPolicy, renderDocument } from '../../lib/page/document';
import { html } from '../../lib/page/html';
import type { ModelReader } from './read-models';
import { modelsStyle } from './style';

/** Only a header can forbid other sites to frame the page. */
const policy = `${documentPolicy(modelsStyle)}; frame-ancestors 'none'`;
const retryAfterSeconds = 10;

/** Pages about the registry: for reading alone, by whoever reaches the API. They are loaded when one is first asked for. */
export function modelsRoutes(reader: ModelReader, logger: Logger): Router {
  const router = Router();

  router.get('/models', async (_request, response) => {
    await answer(response, logger, async () => {
      const { listPage } = await import('./list-page');
      return listPage(await reader.models());
    });
  });

  router.get('/models/:name/:version', async (request, response, next) => {
    const { name, version } = request.params;
    if (!/^[a-z0-9][a-z0-9_-]{0,62}$/.test(name) || !/^[1-9]\d{0,8}$/.test(version)) {
      next();
      return;
    }
    await answer(response, logger, async () => {
      const { versionPage } = await import('./version-page');
      const view = await reader.version(name, Number(version));
      return view && versionPage(view);
    });
  });
  return router;
}

/** Sends a page; what keeps it from being made concerns this page alone, and is said on it. */
async function answer(
  response: Response,
  logger: Logger,
  make: () => Promise<string | undefined>,
): Promise<void> {
  response.set('Content-Security-Policy', policy).type('html');
  try {
    const page = await make();
    if (page !== undefined) response.send(page);
    else response.status(404).send(sayingPage('Not found', 'There is no such version of a model.'));
  } catch (error) {
    logger.warn('a page about models could not be made', { error });
    if (error instanceof Failure && error.retryable) {
      response.status(503).set('Retry-After', String(retryAfterSeconds));
      response.send(
        sayingPage(
          'The registry cannot be read',
          'The store does not answer just now, so there is nothing to show. Predictions go on with the model that is loaded. Try again in a moment.',
        ),
      );
    } else {
      response.status(500);
      response.send(sayingPage('This page cannot be shown', "The API's log says why. Predictions go on."));
    }
  }
}

function sayingPage(title: string, text: string): string {
  return renderDocument({
    title,
    style: modelsStyle,
    body: html`<header>
        <p class="crumbs"><a href="/models">Models</a> · <a href="/">Try the champion</a></p>
        <h1>${title}</h1>
      </header>
      <main><p>${text}</p></main>`,
  });
}
