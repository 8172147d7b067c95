import { dataTypes, type Initializer } from './schema';

/** The numbers of a float32 constant. */
export function floats({ name, data_type: type, raw_data: raw }: Initializer): Float32Array {
  if (type !== dataTypes.float) throw new Error(`${name} should be float32`);
  return new Float32Array(Uint8Array.from(raw).buffer);
}

/** Numbers as a constant holds them: little-endian, as on every machine that is supported. */
export function bytesOf(values: Float32Array | Int32Array | Int8Array | Uint16Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
