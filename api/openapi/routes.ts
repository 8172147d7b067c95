import { Router } from 'express';
import { documentPolicy } from '../../lib/page/document';
import { allowOnly } from '../allow-only';
import { docsPage } from './docs-page';
import { docsStyle } from './docs-style';
import { openApiDocument } from './document';

/** Only a header can forbid other sites to frame the page. */
const policy = `${documentPolicy(docsStyle)}; frame-ancestors 'none'`;

/** `GET /openapi.json` and `GET /docs`. Both are made when they are first asked for, as a start has no time for them. */
export function openapiRoutes(): Router {
  const router = Router();
  let json: string | undefined;
  let page: string | undefined;

  router
    .route('/openapi.json')
    .get((_request, response) => {
      json ??= JSON.stringify(openApiDocument());
      response.type('json').send(json);
    })
    .all(allowOnly('GET'));

  router
    .route('/docs')
    .get((_request, response) => {
      page ??= docsPage(openApiDocument());
      response.set('Content-Security-Policy', policy).type('html').send(page);
    })
    .all(allowOnly('GET'));
  return router;
}
