import { Failure } from '../../contracts/failures';
import type { PayloadKeys } from './keys';
import { type Payload, payloadBytes, payloadOf } from './payload';
import { open, seal } from './seal';

/** What Temporal's SDK takes as a payload codec. */
export interface PayloadCodec {
  encode(payloads: Payload[]): Promise<Payload[]>;
  decode(payloads: Payload[]): Promise<Payload[]>;
}

const encoding = 'binary/encrypted';
const keyIdName = 'encryption-key-id';
const cipherName = 'encryption-cipher';
const cipher = 'AES-256-GCM';

/**
 * Encrypts every payload, whole, with the first key, and opens it with the key whose name stands beside it. A payload
 * that was never encrypted passes as it is, so histories from before stay readable. Without keys nothing is encrypted,
 * and what was is refused with what to do.
 */
export function createPayloadCodec(keys: PayloadKeys | undefined): PayloadCodec {
  return {
    encode: (payloads) =>
      Promise.resolve(keys === undefined ? payloads : payloads.map((each) => sealed(each, keys))),
    // Not thrown at once: callers await it.
    decode: (payloads) => new Promise((resolve) => resolve(payloads.map((payload) => opened(payload, keys)))),
  };
}

/** Whether a payload is one of the codec's. */
export function isEncrypted({ metadata }: Payload): boolean {
  return textOf(metadata?.['encoding']) === encoding;
}

function sealed(payload: Payload, { first: { id, secret } }: PayloadKeys): Payload {
  return {
    metadata: { encoding: bytesOf(encoding), [keyIdName]: bytesOf(id), [cipherName]: bytesOf(cipher) },
    data: seal(secret, payloadBytes(payload), id),
  };
}

function opened(payload: Payload, keys: PayloadKeys | undefined): Payload {
  if (!isEncrypted(payload)) return payload;
  const id = textOf(payload.metadata?.[keyIdName]);
  const key = keys?.byId.get(id);
  if (key === undefined) {
    throw new Failure(
      'configuration-invalid',
      `A value in Temporal is encrypted with the key ${shown(id)}, which this process does not have. ` +
        'Add it to the file that DROVER_PAYLOAD_KEYS_FILE names (docs/guides/payload-encryption.md).',
    );
  }
  try {
    return payloadOf(open(key.secret, payload.data ?? new Uint8Array(), id));
  } catch {
    throw new Failure(
      'configuration-invalid',
      `A value in Temporal does not open with the key ${shown(id)}: it was changed, or another key has that name here.`,
    );
  }
}

/** A name from outside, made fit for a message. */
const shown = (id: string): string => JSON.stringify(id.slice(0, 63));

const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text));

function textOf(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : Buffer.from(bytes).toString('utf8');
}
