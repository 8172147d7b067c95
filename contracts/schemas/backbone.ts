import { z } from 'zod';

/** How a weight's numbers were made smaller: whole numbers on a scale, or half the bits. */
const quantizationSchema = z.discriminatedUnion('dtype', [
  z.object({ dtype: z.enum(['uint8', 'uint16']), scale: z.number(), min: z.number() }),
  z.object({ dtype: z.literal('float16') }),
]);

const weightSchema = z.object({
  name: z.string().min(1).max(1000),
  shape: z.array(z.int().min(0)).max(8),
  dtype: z.enum(['float32', 'int32', 'bool']),
  quantization: quantizationSchema.optional(),
});
/** A weight in the order in which the bytes hold them. */
export type BackboneWeight = z.infer<typeof weightSchema>;

const weightsManifestSchema = z
  .array(
    z.object({
      paths: z.array(z.string().min(1).max(500)).min(1).max(1000),
      weights: z.array(weightSchema),
    }),
  )
  .min(1)
  .max(1000);

/** A TF.js layers model, as it comes from whoever trained it; what else it says is not read. */
export const layersModelSchema = z.object({
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: weightsManifestSchema,
});
export type LayersModelDocument = z.infer<typeof layersModelSchema>;

/** 64-bit numbers are texts in the JSON form of protocol buffers. */
const int64Schema = z.union([z.int(), z.string().regex(/^-?\d{1,15}$/)]).transform(Number);
/** Base64, or the bytes one by one. */
const textSchema = z
  .union([z.string(), z.array(z.int().min(0).max(255))])
  .transform((text) => Buffer.from(typeof text === 'string' ? Buffer.from(text, 'base64') : text).toString());
const shapeSchema = z.object({
  dim: z.array(z.object({ size: int64Schema.default(-1) })).default([]),
  unknownRank: z.boolean().optional(),
});

/** `tensorflow.AttrValue`; kinds that no operation of ours has are left out. */
const attributeSchema = z.object({
  s: textSchema.optional(),
  i: int64Schema.optional(),
  f: z.number().optional(),
  b: z.boolean().optional(),
  shape: shapeSchema.optional(),
  list: z.object({ s: z.array(textSchema).default([]), i: z.array(int64Schema).default([]) }).optional(),
});

const graphNodeSchema = z.object({
  name: z.string().min(1).max(1000),
  op: z.string().min(1).max(200),
  input: z.array(z.string().min(1).max(1000)).default([]),
  attr: z.record(z.string(), attributeSchema.catch({})).default({}),
});
/** An operation of a `tensorflow.GraphDef`. */
export type GraphNode = z.infer<typeof graphNodeSchema>;

const signatureSchema = z.object({
  outputs: z.record(z.string(), z.object({ name: z.string().min(1).max(1000) })),
});

/** A TF.js graph model: a frozen `tensorflow.GraphDef` in JSON, its constants' numbers among the weights. */
export const graphModelSchema = z.object({
  modelTopology: z.object({ node: z.array(graphNodeSchema).min(1).max(100_000) }),
  signature: signatureSchema.optional(),
  userDefinedMetadata: z.object({ signature: signatureSchema.optional() }).optional(),
  weightsManifest: weightsManifestSchema,
});
export type GraphModelDocument = z.infer<typeof graphModelSchema>;

/** `backbones/by-reference/<digest>.json`: what a reference was found to be when it was first followed. */
export const followedBackboneSchema = z.strictObject({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.iso.datetime(),
});
