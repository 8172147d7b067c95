import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';

/**
 * Payloads of the server's raw answers, decrypted where the client has keys. The client opens by itself only what its own methods hand out.
 *
 * @throws Failure `configuration-invalid` where the key is not among the client's
 */
export async function openPayloads(client: Client, payloads: readonly Payload[]): Promise<Payload[]> {
  let opened = [...payloads];
  // Backwards, as the client does: the last one encoded last.
  for (const codec of [...client.options.loadedDataConverter.payloadCodecs].reverse())
    opened = await codec.decode(opened);
  return opened;
}
