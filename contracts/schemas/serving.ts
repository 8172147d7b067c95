import { z } from 'zod';
import type { FailureType } from '../failures';
import { feedbackRequestSchema, keptFeedbackSchema } from './kept-predictions';

/**
 * Every request and answer of the API, as the OpenAPI document shows them. Answers are open objects: a later version may
 * say more in them, and clients must not mind. Requests are closed: an unknown key is a mistake.
 */

/** Pictures in one request to `/v1/predictions`. */
export const mostBatchPictures = 32;
const longestUrl = 2048;

const exampleId = '6f0c5a8e-3a52-4c11-9d0e-5f6f4c6f5f10';
const exampleDigest = '9c1e7d5f0a4b3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a0b9c8d';

const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

/** The failures that the API may answer, each explained at `/problems/<type>`. A type never changes its meaning. */
export const answeredFailures = [
  'picture-missing',
  'picture-field',
  'picture-too-large',
  'picture-unreadable',
  'label-unknown',
  'feedback-not-kept',
  'request-invalid',
  'request-slow',
  'headers-too-large',
  'token-refused',
  'origin-refused',
  'rate-limited',
  'url-refused',
  'url-unreachable',
  'not-found',
  'method-refused',
  'model-unavailable',
  'storage-unavailable',
  'busy',
] as const satisfies readonly FailureType[];
export type AnsweredFailure = (typeof answeredFailures)[number];

/** A problem document: RFC 9457, "Problem Details for HTTP APIs". */
export const problemSchema = z
  .object({
    type: z
      .string()
      .describe('`/problems/<type>`, which explains it and never changes; `about:blank` for a defect')
      .meta({ examples: answeredFailures.map((type) => `/problems/${type}`) }),
    title: z.string().describe('what kind of problem it is, for people'),
    status: z.int().min(400).max(599).describe('the HTTP status'),
    detail: z.string().describe('what was found, what was expected, what to do'),
    instance: z.string().describe("the request's id, as `urn:uuid:…`, by which the log has it too"),
  })
  .meta({
    description: 'What went wrong, as RFC 9457 has it',
    examples: [
      {
        type: '/problems/picture-field',
        title: 'The picture is in the wrong field',
        status: 400,
        detail: 'A file was found in the field "file", but it is expected in "image".',
        instance: `urn:uuid:${exampleId}`,
      },
    ],
  });
export type ProblemDocument = z.infer<typeof problemSchema>;

export const answeringModelSchema = z
  .object({
    name: z.string(),
    version: z.int().min(1),
    digest: sha256Schema.describe('SHA-256 of the ONNX file that answered'),
  })
  .meta({
    description: 'The model that answered',
    examples: [{ name: 'animals', version: 3, digest: exampleDigest }],
  });

const probabilitiesSchema = z
  .record(z.string(), z.number().min(0).max(1))
  .describe('every class, the likeliest first; they add up to 1 but for rounding');

const ranked = {
  prediction: z.string().describe('the likeliest class'),
  probabilities: probabilitiesSchema,
};

const exampleRanked = { prediction: 'cat', probabilities: { cat: 0.93114, dog: 0.041207, horse: 0.027653 } };

/** The answer of `POST /get_prediction`. */
export const predictionSchema = z
  .object({
    id: z.uuid().describe("the request's id, for feedback; in the log and in `X-Request-Id`, too"),
    ...ranked,
    model: answeringModelSchema,
  })
  .meta({
    description: 'What is in a picture',
    examples: [
      { id: exampleId, ...exampleRanked, model: { name: 'animals', version: 3, digest: exampleDigest } },
    ],
  });

/** The JSON body of `POST /v1/predictions`. */
export const batchUrlsSchema = z
  .strictObject({
    urls: z
      .array(
        z
          .url({ protocol: /^https?$/ })
          .max(longestUrl)
          .meta({ pattern: '^https?://' }),
      )
      .min(1)
      .max(mostBatchPictures)
      .describe(`addresses of pictures, at most ${mostBatchPictures}`),
  })
  .meta({
    description: 'Pictures by their addresses, where the service allows that',
    examples: [{ urls: ['https://example.org/cat.jpg'] }],
  });

const place = {
  index: z.int().min(0).describe('which of the pictures that were sent, from 0'),
  name: z.string().optional().describe('what its sender called the file'),
  url: z.string().optional().describe('where it was taken from'),
};

export const answeredPictureSchema = z
  .object({ ...place, id: z.uuid().describe("this picture's own id, for feedback"), ...ranked })
  .describe('A picture that was answered');
export const refusedPictureSchema = z
  .object({ ...place, problem: problemSchema })
  .describe('A picture that was refused');

/** The answer of `POST /v1/predictions`: 200 too where some of the pictures were refused. */
export const batchSchema = z
  .object({
    model: answeringModelSchema,
    predictions: z
      .array(z.union([answeredPictureSchema, refusedPictureSchema]))
      .describe('one for each picture, in the order in which they were sent'),
  })
  .meta({
    description: 'Answers to several pictures, all of one model; a refused one has its own problem',
    examples: [
      {
        model: { name: 'animals', version: 3, digest: exampleDigest },
        predictions: [
          { index: 0, name: 'cat.png', id: exampleId, ...exampleRanked },
          {
            index: 1,
            name: 'notes.txt',
            problem: {
              type: '/problems/picture-unreadable',
              title: 'This is not a picture that can be read',
              status: 415,
              detail: 'The bytes are of no kind of picture that is read here.',
              instance: `urn:uuid:${exampleId}`,
            },
          },
        ],
      },
    ],
  });
export type BatchAnswer = z.infer<typeof batchSchema>;
export type BatchItem = BatchAnswer['predictions'][number];

/** The body of `POST /v1/predictions/{id}/feedback`, with what is said of it. */
export const feedbackSchema = z
  .strictObject({
    label: feedbackRequestSchema.shape.label.describe('what the picture shows: one of the classes'),
    note: feedbackRequestSchema.shape.note.describe('anything else, for whoever looks at it'),
    new_class: feedbackRequestSchema.shape.new_class.describe(
      'true where the label is a class that the model does not know; then a name of lower-case letters, digits, - and _',
    ),
  } satisfies typeof feedbackRequestSchema.shape)
  .meta({ description: 'What a picture really shows', examples: [{ label: 'dog' }] });

/** Its answer: what is kept. */
export const feedbackAnswerSchema = z
  .object({
    kind: keptFeedbackSchema.shape.kind,
    id: keptFeedbackSchema.shape.id.describe("the prediction's"),
    at: keptFeedbackSchema.shape.at.describe('when it was said'),
    label: keptFeedbackSchema.shape.label,
    by: keptFeedbackSchema.shape.by.describe("the API key's name, where keys are asked for"),
    note: keptFeedbackSchema.shape.note,
  } satisfies typeof keptFeedbackSchema.shape)
  .meta({
    description: 'The feedback that is kept',
    examples: [{ kind: 'feedback', id: exampleId, at: '2026-11-25T12:00:00.000Z', label: 'dog' }],
  });

/** The answer of `GET /v1/model`. */
export const modelDescriptionSchema = z
  .object({
    ...answeringModelSchema.shape,
    classes: z.array(z.string()).describe("in the order of the network's own outputs"),
    accuracy: z.number().min(0).max(1).describe('on the test pictures'),
    promotedAt: z.iso.datetime().optional().describe('when it became the champion'),
  })
  .meta({
    description: 'The model that answers now',
    examples: [
      {
        name: 'animals',
        version: 3,
        digest: exampleDigest,
        classes: ['cat', 'dog', 'horse'],
        accuracy: 0.931,
        promotedAt: '2026-11-25T12:00:00.000Z',
      },
    ],
  });

export const aliveSchema = z.object({ status: z.literal('alive') }).describe('The process is alive');
export const readySchema = z.object({ status: z.literal('ready') }).describe('A model is loaded and warm');
