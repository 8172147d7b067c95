import { Router } from 'express';
import { allowOnly } from '../allow-only';

/**
 * `GET /openapi.json` and `GET /docs`. What makes them is loaded, and they are made, when they are first asked for: a start has no time
 * for them.
 */
export function openapiRoutes(): Router {
  const router = Router();
  let json: Promise<string> | undefined;
  let docs: Promise<{ page: string; policy: string }> | undefined;

  router
    .route('/openapi.json')
    .get(async (_request, response) => {
      json ??= makeJson();
      response.type('json').send(await json);
    })
    .all(allowOnly('GET'));

  router
    .route('/docs')
    .get(async (_request, response) => {
      docs ??= makeDocs();
      const { page, policy } = await docs;
      response.set('Content-Security-Policy', policy).type('html').send(page);
    })
    .all(allowOnly('GET'));
  return router;
}

async function makeJson(): Promise<string> {
  const { openApiDocument } = await import('./document');
  return JSON.stringify(openApiDocument());
}

async function makeDocs(): Promise<{ page: string; policy: string }> {
  const [{ openApiDocument }, { docsPage, docsPolicy }] = await Promise.all([
    import('./document'),
    import('./docs-page'),
  ]);
  return { page: docsPage(openApiDocument()), policy: docsPolicy };
}
