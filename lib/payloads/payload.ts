import protobuf from 'protobufjs';

/** A value as Temporal carries it: what it is in `metadata`, its bytes in `data`. */
export interface Payload {
  metadata?: Record<string, Uint8Array> | null;
  data?: Uint8Array | null;
}

/**
 * `temporal.api.common.v1.Payload`, with its field numbers
 * (https://github.com/temporalio/api, `temporal/api/common/v1/message.proto`, MIT).
 */
const message = protobuf
  .parse(
    `
  syntax = "proto3";
  message Payload {
    map<string, bytes> metadata = 1;
    bytes data = 2;
  }
`,
    { keepCase: true },
  )
  .root.lookupType('Payload');

/** The payload as Temporal writes it on the wire. */
export function payloadBytes({ metadata, data }: Payload): Uint8Array {
  return message.encode({ metadata: metadata ?? {}, data: data ?? new Uint8Array() }).finish();
}

/** @throws Error where the bytes are no payload */
export function payloadOf(bytes: Uint8Array): Payload {
  const { metadata, data } = message.toObject(message.decode(bytes), { defaults: true });
  return { metadata: copied(metadata), data: Uint8Array.from(isBytes(data) ? data : []) };
}

/** Plain arrays of bytes, whatever kind of them the decoder makes. */
function copied(metadata: unknown): Record<string, Uint8Array> {
  const entries: [string, Uint8Array][] = [];
  for (const [key, value] of Object.entries(metadata ?? {}))
    if (isBytes(value)) entries.push([key, Uint8Array.from(value)]);
  return Object.fromEntries(entries);
}

function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}
