import { version } from '../../package.json';
import { componentHeaders } from './answers';
import { predictionPaths, tags } from './prediction-paths';
import { componentSchemas } from './schemas';
import { servicePaths } from './service-paths';
import type { OpenApiDocument, SecurityScheme } from './types';

const securitySchemes: Record<string, SecurityScheme> = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description: 'An API key, where the service asks for one: `Authorization: Bearer <key>`',
  },
  apiKey: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Api-Key',
    description: 'The same key in a header of its own',
  },
};

/**
 * The API as an OpenAPI 3.1 document, made of the very schemas that requests are parsed by; `GET /openapi.json` and `GET /docs`
 * show it, and the typed client is made from it. The same in every service: what a service's settings switch off is in it, too.
 */
export function openApiDocument(): OpenApiDocument {
  return {
    openapi: '3.1.1',
    info: {
      title: 'Drover',
      version,
      summary: 'A classifier of images over HTTP',
      description:
        'Send a picture, get every class with its probability, and the version of the model that answered. Requests and answers stay as they are when the model changes: classes come from the model. Every error is a problem document (RFC 9457) whose `type` is stable and whose `detail` says what to do. Answers may hold more keys than are named here. Beside what stands at each path, any request may be answered with 405 where the path has no such method, 408 where it came too slowly, and 431 where its headers are too large.',
      license: { name: 'Apache License 2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'Whoever served this document' }],
    tags: [
      { name: tags.predictions, description: 'Pictures in, classes out' },
      { name: tags.model, description: 'What answers' },
      { name: tags.watching, description: 'For what keeps the process running' },
      { name: tags.reading, description: 'For people' },
    ],
    paths: { ...predictionPaths, ...servicePaths },
    components: { schemas: componentSchemas(), headers: componentHeaders, securitySchemes },
  };
}
