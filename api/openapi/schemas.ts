import { z } from 'zod';
import { driftAnswerSchema } from '../../contracts/schemas/drift-answer';
import {
  aliveSchema,
  answeredPictureSchema,
  answeringModelSchema,
  batchSchema,
  batchUrlsSchema,
  feedbackAnswerSchema,
  feedbackSchema,
  modelDescriptionSchema,
  predictionSchema,
  problemSchema,
  readySchema,
  refusedPictureSchema,
} from '../../contracts/schemas/serving';
import type { Schema } from './types';

/** The schemas by the names that clients see. */
const named = {
  Prediction: predictionSchema,
  Batch: batchSchema,
  AnsweredPicture: answeredPictureSchema,
  RefusedPicture: refusedPictureSchema,
  BatchUrls: batchUrlsSchema,
  Feedback: feedbackSchema,
  KeptFeedback: feedbackAnswerSchema,
  AnsweringModel: answeringModelSchema,
  Model: modelDescriptionSchema,
  Drift: driftAnswerSchema,
  Alive: aliveSchema,
  Ready: readySchema,
  Problem: problemSchema,
} as const;

export type SchemaName = keyof typeof named;

const place = (name: string) => `#/components/schemas/${name}`;

export function schemaRef(name: SchemaName): Schema {
  return { $ref: place(name) };
}

/** An example of what a schema means, out of the schema itself. */
export function exampleOf(name: SchemaName): unknown {
  const examples: unknown = named[name].meta()?.['examples'];
  return Array.isArray(examples) ? examples[0] : undefined;
}

/** All schemas as JSON Schema, each naming the others by reference. */
export function componentSchemas(): Record<string, Schema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    uri: place,
    // As they come in: an answer may hold more than is known here.
    io: 'input',
    override({ jsonSchema }) {
      // These say what `format`, `integer` and JSON say already, only longer.
      if (jsonSchema.format === 'uuid' || jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (typeof jsonSchema.propertyNames === 'object') delete jsonSchema.propertyNames;
      // Addresses are read as browsers read them (the URL standard), which is more than RFC 3986 allows.
      if (jsonSchema.format === 'uri') delete jsonSchema.format;
    },
  });
  return Object.fromEntries(
    Object.keys(named).map((name) => {
      const { $schema: _schema, $id: _id, ...schema } = schemas[name] ?? {};
      return [name, schema];
    }),
  );
}
