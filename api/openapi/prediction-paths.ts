import { mostBatchPictures } from '../../contracts/schemas/serving';
import { mostFields } from '../upload';
import { guardHeaders, guardRefusals, json, problems } from './answers';
import { exampleOf, schemaRef } from './schemas';
import type { CodeSample, MediaType, PathItem, Schema, SecurityRequirement } from './types';

/** No key where the service asks for none; else one of the two. */
export const mayNeedKey: readonly SecurityRequirement[] = [{}, { bearer: [] }, { apiKey: [] }];

/** What whoever sends something may be answered; the origin is a browser's affair. */
const senderRefusals = [...guardRefusals, 'origin-refused'] as const;

export const tags = {
  predictions: 'predictions',
  model: 'model',
  watching: 'watching',
  reading: 'reading',
} as const;

const kindsOfPicture = 'JPEG, PNG, WebP, GIF (its first frame), AVIF or TIFF, told by its bytes';
const picture: Schema = { type: 'string', format: 'binary', description: kindsOfPicture };
function shell(source: string): CodeSample {
  return { lang: 'Shell', label: 'curl', source };
}

function exampleJson(name: 'BatchUrls' | 'Feedback'): MediaType {
  return { schema: schemaRef(name), examples: { usual: { value: exampleOf(name) } } };
}

const getPrediction: PathItem = {
  post: {
    operationId: 'predict',
    tags: [tags.predictions],
    summary: 'What is in a picture',
    description: `One picture, as the file in the field \`image\` of a form, or as the body itself. ${kindsOfPicture}, of at most as many bytes as the service allows (\`DROVER_MAX_UPLOAD_BYTES\`, 10 MiB). Beside the file, a form may hold ${mostFields} small text fields, which are ignored.`,
    requestBody: {
      required: true,
      content: {
        'multipart/form-data': {
          schema: { type: 'object', properties: { image: picture }, required: ['image'] },
          encoding: { image: { contentType: 'image/*, application/octet-stream' } },
        },
        'image/*': { schema: picture },
      },
    },
    responses: {
      '200': json('Every class with its probability', 'Prediction', guardHeaders),
      ...problems(
        ...(['picture-missing', 'picture-field', 'request-invalid'] as const),
        ...(['picture-too-large', 'picture-unreadable', 'model-unavailable', 'busy'] as const),
        ...senderRefusals,
      ),
    },
    security: mayNeedKey,
    'x-codeSamples': [
      shell('curl -X POST http://localhost:8080/get_prediction -F "image=@cat.png"'),
      shell(
        'curl -X POST http://localhost:8080/get_prediction -H "Content-Type: image/png" --data-binary @cat.png',
      ),
    ],
  },
};

const manyPredictions: PathItem = {
  post: {
    operationId: 'predictMany',
    tags: [tags.predictions],
    summary: 'What is in each of several pictures',
    description: `At most ${mostBatchPictures} pictures, as several files in the field \`image\` of a form, or, where the service allows it, as addresses that it fetches itself; none that is private is asked. A picture as the body itself is one. All are answered by one model. A picture that is refused has its own problem in its place, and the others are answered, also where one of them could not be fetched (\`url-unreachable\`): only what is wrong with the whole request refuses it.`,
    requestBody: {
      required: true,
      content: {
        'multipart/form-data': {
          schema: {
            type: 'object',
            properties: {
              image: { type: 'array', items: picture, minItems: 1, maxItems: mostBatchPictures },
            },
            required: ['image'],
          },
          encoding: { image: { contentType: 'image/*, application/octet-stream' } },
        },
        'application/json': exampleJson('BatchUrls'),
        'image/*': { schema: picture },
      },
    },
    responses: {
      '200': json('An answer or a problem for each picture', 'Batch', guardHeaders),
      ...problems(
        ...(['picture-missing', 'picture-field', 'request-invalid', 'url-refused'] as const),
        ...(['picture-too-large', 'model-unavailable', 'busy'] as const),
        ...senderRefusals,
      ),
    },
    security: mayNeedKey,
    'x-codeSamples': [
      shell('curl -X POST http://localhost:8080/v1/predictions -F "image=@cat.png" -F "image=@dog.jpg"'),
      shell(
        'curl -X POST http://localhost:8080/v1/predictions -H "Content-Type: application/json" -d \'{"urls": ["https://example.org/cat.jpg"]}\'',
      ),
    ],
  },
};

const feedback: PathItem = {
  post: {
    operationId: 'giveFeedback',
    tags: [tags.predictions],
    summary: 'Say what a picture really shows',
    description:
      "Kept beside the prediction, for whoever trains the next version. `id` is the prediction's. The label is one of the model's classes, or with `new_class` the name of another. `not-found` is answered where nothing is kept (`DROVER_KEEP_PREDICTIONS=off`); whether there was such a prediction is not asked.",
    parameters: [
      {
        name: 'id',
        in: 'path',
        required: true,
        description: "The prediction's `id`",
        schema: { type: 'string', format: 'uuid' },
        example: '6f0c5a8e-3a52-4c11-9d0e-5f6f4c6f5f10',
      },
    ],
    requestBody: { required: true, content: { 'application/json': exampleJson('Feedback') } },
    responses: {
      '202': json('What is kept', 'KeptFeedback', guardHeaders),
      ...problems(
        ...(['request-invalid', 'label-unknown', 'not-found', 'feedback-not-kept'] as const),
        ...senderRefusals,
      ),
    },
    security: mayNeedKey,
    'x-codeSamples': [
      shell(
        'curl -X POST http://localhost:8080/v1/predictions/6f0c5a8e-3a52-4c11-9d0e-5f6f4c6f5f10/feedback -H "Content-Type: application/json" -d \'{"label": "dog"}\'',
      ),
    ],
  },
};

export const predictionPaths = {
  '/get_prediction': getPrediction,
  '/v1/predictions': manyPredictions,
  '/v1/predictions/{id}/feedback': feedback,
} as const;
