import { z } from 'zod';

const base64 = z.base64();

/**
 * What Temporal's UI and command line send a codec server, and get back: payloads in protobuf's JSON, so bytes in base64.
 * @see https://docs.temporal.io/codec-server
 */
export const codecPayloadsSchema = z.object({
  payloads: z.array(
    z.object({ metadata: z.record(z.string(), base64).default({}), data: base64.default('') }),
  ),
});

export type CodecPayloads = z.infer<typeof codecPayloadsSchema>;

/** What the SDK puts of a failure into a payload, where failures are encoded: its `DefaultEncodedFailureAttributes`. */
export const encodedFailureSchema = z.object({ message: z.string().optional() });
