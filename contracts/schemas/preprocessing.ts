import { z } from 'zod';

/** How a picture becomes a fixed-size array of bytes; training and serving use it alike. */
export const preprocessingSchema = z.strictObject({
  size: z.int().min(8).max(1024).default(48).describe('width and height in pixels'),
  color: z.enum(['rgb', 'grey']).default('rgb'),
  fit: z
    .enum(['contain', 'cover', 'stretch'])
    .default('contain')
    .describe('contain pads with black, cover crops the middle, stretch ignores the aspect ratio'),
});

export type Preprocessing = z.infer<typeof preprocessingSchema>;
