import { z } from 'zod';

/** A TF.js layers model, as it comes from whoever trained it; what else it says is not read. */
export const layersModelSchema = z.object({
  modelTopology: z.record(z.string(), z.unknown()),
  weightsManifest: z
    .array(
      z.object({
        paths: z.array(z.string().min(1).max(500)).min(1).max(1000),
        weights: z.array(
          z.looseObject({ name: z.string(), shape: z.array(z.int().min(0)), dtype: z.string() }),
        ),
      }),
    )
    .min(1)
    .max(1000),
});
export type LayersModelDocument = z.infer<typeof layersModelSchema>;

/** `backbones/by-reference/<digest>.json`: what a reference was found to be when it was first followed. */
export const followedBackboneSchema = z.strictObject({
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  at: z.iso.datetime(),
});
