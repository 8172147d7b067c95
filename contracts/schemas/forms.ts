import { z } from 'zod';
import { refSchema } from './documents';
import { formNames } from './form-names';

/** Which forms of a trained model are made, and which of them is served. */
export const exportSchema = z
  .strictObject({
    forms: z
      .array(z.enum(formNames))
      .default(['float32'])
      .describe('what is made: float16 is half as large, int8 a third and often faster; float32 always is'),
    most_loss: z
      .number()
      .min(0)
      .max(0.5)
      .default(0.005)
      .describe('the share of accuracy on the validation pictures that a form may lose'),
    choose: z
      .enum(['fastest', 'smallest', 'float32'])
      .default('fastest')
      .describe('which of those that lose no more is served'),
    calibration: z
      .int()
      .min(1)
      .max(5000)
      .default(100)
      .describe('training pictures that the ranges of int8 come from'),
  })
  .default({ forms: ['float32'], most_loss: 0.005, choose: 'fastest', calibration: 100 });
export type ExportRules = z.infer<typeof exportSchema>;

/** One form's figures. */
export const formFiguresSchema = z.strictObject({
  form: z.enum(formNames),
  model: refSchema<'onnx'>(),
  bytes: z.int(),
  /** As a download, by gzip: what zeros of a pruned network make smaller. */
  gzipped: z.int(),
  /** Of one picture on one thread, milliseconds. */
  latencyMs: z.strictObject({ median: z.number(), p95: z.number() }),
  accuracy: z.number(),
  loss: z.number(),
  /** The share of pictures that it answers as float32 does. */
  agreement: z.number(),
  /** May it be served? */
  kept: z.boolean(),
  /** Why it is not kept, or not chosen, or chosen. */
  reason: z.string(),
});
export type FormFigures = z.infer<typeof formFiguresSchema>;

/** `forms/<key>/forms.json`: the forms of one model beside each other. */
export const formsSchema = z.strictObject({
  /** The float32 form. */
  of: refSchema<'onnx'>(),
  prepared: refSchema<'prepared'>(),
  rules: exportSchema,
  /** Validation pictures on which they are compared: the test pictures are for gates alone. */
  pictures: z.int(),
  forms: z.array(formFiguresSchema),
  chosen: z.enum(formNames),
  machine: z.string(),
});
export type Forms = z.infer<typeof formsSchema>;
