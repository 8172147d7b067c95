import { guardHeaders, guardRefusals, json, problems, text } from './answers';
import { problemMediaType } from '../problem';
import { mayNeedKey, tags } from './prediction-paths';
import { schemaRef } from './schemas';
import type { Answer, Parameter, PathItem } from './types';

const model: PathItem = {
  get: {
    operationId: 'model',
    tags: [tags.model],
    summary: 'The model that answers now',
    description:
      'Name, version, digest, classes and accuracy of the model. Every answer names the version that gave it, so that a change between two requests is seen.',
    responses: {
      '200': json('The model', 'Model', guardHeaders),
      ...problems(...guardRefusals, 'model-unavailable'),
    },
    security: mayNeedKey,
    'x-codeSamples': [{ lang: 'Shell', label: 'curl', source: 'curl http://localhost:8080/v1/model' }],
  },
};

const drift: PathItem = {
  get: {
    operationId: 'drift',
    tags: [tags.model],
    summary: 'Whether what is sent still looks like what the model was made of',
    description:
      'What the last look for drift found, check by check. Looks are made on a schedule, or by hand; 404 where nobody has looked yet.',
    responses: {
      '200': json('The last look', 'Drift', guardHeaders),
      ...problems(...guardRefusals, 'not-found', 'storage-unavailable'),
    },
    security: mayNeedKey,
    'x-codeSamples': [{ lang: 'Shell', label: 'curl', source: 'curl http://localhost:8080/v1/drift' }],
  },
};

const healthz: PathItem = {
  get: {
    operationId: 'alive',
    tags: [tags.watching],
    summary: 'Whether the process is alive',
    description: '200 with or without a model: who restarts processes asks this.',
    responses: { '200': json('It is', 'Alive'), ...problems() },
    security: [{}],
  },
};

const readyz: PathItem = {
  get: {
    operationId: 'ready',
    tags: [tags.watching],
    summary: 'Whether it can answer',
    description: '200 once a model is loaded and warm, 503 before: who sends requests here asks this.',
    responses: { '200': json('It can', 'Ready'), ...problems('model-unavailable') },
    security: [{}],
  },
};

const metrics: PathItem = {
  get: {
    operationId: 'metrics',
    tags: [tags.watching],
    summary: 'Figures for Prometheus',
    description: "In Prometheus' text format: durations by route and stage, classes, confidence, version.",
    responses: { '200': text('The figures', 'text/plain'), ...problems(...guardRefusals) },
    security: mayNeedKey,
  },
};

const openapiJson: PathItem = {
  get: {
    operationId: 'openapi',
    tags: [tags.reading],
    summary: 'This document',
    description: 'OpenAPI 3.1, from which clients can be made.',
    responses: {
      '200': {
        ...text('The document', 'text/plain'),
        content: { 'application/json': { schema: { type: 'object' } } },
      },
      ...problems(),
    },
    security: [{}],
  },
};

function page(
  operationId: string,
  summary: string,
  description: string,
  answers?: Record<string, Answer>,
): PathItem {
  return {
    get: {
      operationId,
      tags: [tags.reading],
      summary,
      description,
      responses: { '200': text('The page', 'text/html'), ...(answers ?? problems()) },
      security: answers === undefined ? [{}] : mayNeedKey,
    },
  };
}

/** Pages say themselves, in HTML, why they cannot be shown; where a key is asked for, that is a problem document. */
const pageTroubles: Record<string, Answer> = {
  ...problems(...guardRefusals),
  '500': text("A defect: the log has it, under the request's id", 'text/html'),
  '503': text('The store does not answer just now', 'text/html', { 'Retry-After': 'RetryAfter' }),
};

const noSuchVersion: Answer = {
  ...text('There is no such version, or it cannot have such a name', 'text/html'),
  content: {
    'text/html': { schema: { type: 'string' } },
    [problemMediaType]: { schema: schemaRef('Problem') },
  },
};

const modelName: Parameter = {
  name: 'name',
  in: 'path',
  required: true,
  description: "The model's name in the registry",
  schema: { type: 'string', pattern: '^[a-z0-9][a-z0-9_-]{0,62}$' },
  example: 'animals',
};
const modelVersion: Parameter = {
  name: 'version',
  in: 'path',
  required: true,
  description: 'Its number',
  schema: { type: 'integer', minimum: 1, maximum: 999_999_999 },
  example: 3,
};

const models = page(
  'modelsPage',
  'The registry as a page',
  'Every model with its versions, and which of them answers.',
  pageTroubles,
);
const versionPage: PathItem = {
  get: {
    operationId: 'versionPage',
    tags: [tags.reading],
    summary: 'A version as a page',
    description: 'Its figures, files and lineage, and how it came to be promoted.',
    parameters: [modelName, modelVersion],
    responses: {
      '200': text('The page', 'text/html'),
      '404': noSuchVersion,
      ...pageTroubles,
    },
    security: mayNeedKey,
  },
};

const problem: PathItem = {
  get: {
    operationId: 'problem',
    tags: [tags.reading],
    summary: 'What a type of problem means',
    description: 'Where the `type` of a problem document leads.',
    parameters: [
      {
        name: 'type',
        in: 'path',
        required: true,
        description: 'The last part of the `type`',
        schema: { type: 'string' },
        example: 'picture-unreadable',
      },
    ],
    responses: { '200': text('An explanation', 'text/plain'), ...problems('request-invalid', 'not-found') },
    security: [{}],
  },
};

export const servicePaths = {
  '/v1/model': model,
  '/v1/drift': drift,
  '/healthz': healthz,
  '/readyz': readyz,
  '/metrics': metrics,
  '/': page('page', 'A page to try the model', 'To drop, paste, choose or photograph a picture.'),
  '/models': models,
  '/models/{name}/{version}': versionPage,
  '/openapi.json': openapiJson,
  '/docs': page('docs', 'This document as a page', 'For people.'),
  '/problems/{type}': problem,
} as const;
