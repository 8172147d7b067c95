import { join } from 'node:path';
import type { DataConverter } from '@temporalio/common';
import type { Settings } from '../contracts/schemas/settings';
import { createPayloadCodec } from '../lib/payloads/codec';
import { readPayloadKeys } from '../lib/payloads/keys';

/** The module that puts what failures say into payloads; bundled into the workflow code, and loaded beside it. */
export const encodedFailures = join(__dirname, '..', 'workflows', 'encoded-failures');

/**
 * How a worker writes and reads values: with keys, encrypted, what failures say included.
 *
 * @throws Failure `configuration-invalid` where the keys can't be read
 */
export function dataConverterOf({ payloadKeys }: Settings): DataConverter {
  const keys = readPayloadKeys(payloadKeys);
  return {
    payloadCodecs: [createPayloadCodec(keys)],
    ...(keys !== undefined && { failureConverterPath: require.resolve(encodedFailures) }),
  };
}
