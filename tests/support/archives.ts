import { crc32, deflateRawSync } from 'node:zlib';

/** An entry of a zip archive; what is left out is as it should be. */
export interface ZipPart {
  readonly name: string | Buffer;
  readonly bytes?: Buffer;
  /** The bytes in the archive, where they are not made from `bytes`. */
  readonly packed?: Buffer;
  /** 0 stored, 8 deflated. */
  readonly method?: number;
  readonly flags?: number;
  readonly crc?: number;
  /** What the directory declares. */
  readonly size?: number;
  readonly compressed?: number;
  /** Of Unix, with the kind of file in it. */
  readonly mode?: number;
  /** Where the directory says that the entry is. */
  readonly at?: number;
  readonly localSignature?: number;
  /** Has no part of its own in the archive, only a line in the directory. */
  readonly isOnlyListed?: boolean;
}

export interface ZipShape {
  readonly count?: number;
  readonly comment?: Buffer;
  readonly directorySignature?: number;
}

/** Writes a zip archive, as wrong as a test wants it (APPNOTE.TXT 4.3). */
export function zipOf(parts: readonly ZipPart[], shape: ZipShape = {}): Buffer {
  const body: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const part of parts) {
    const name = Buffer.isBuffer(part.name) ? part.name : Buffer.from(part.name);
    const bytes = part.bytes ?? Buffer.alloc(0);
    const { method = 8, flags = 0x800, mode = 0o100644 } = part;
    const packed = part.packed ?? (method === 8 ? deflateRawSync(bytes) : bytes);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(method, 4);
    common.writeUInt32LE(part.crc ?? crc32(bytes), 10);
    common.writeUInt32LE(part.compressed ?? packed.length, 14);
    common.writeUInt32LE(part.size ?? bytes.length, 18);
    common.writeUInt16LE(name.length, 22);
    const signature = Buffer.alloc(4);
    signature.writeUInt32LE(part.localSignature ?? 0x04034b50);
    const head = Buffer.alloc(6);
    head.writeUInt32LE(shape.directorySignature ?? 0x02014b50, 0);
    head.writeUInt16LE((3 << 8) | 20, 4);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE((mode << 16) >>> 0, 6);
    tail.writeUInt32LE(part.at ?? at, 10);
    directory.push(Buffer.concat([head, common, tail, name]));
    if (part.isOnlyListed === true) continue;
    const local = Buffer.concat([signature, common, name, packed]);
    body.push(local);
    at += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(shape.count ?? parts.length, 8);
  end.writeUInt16LE(shape.count ?? parts.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(at, 16);
  end.writeUInt16LE(shape.comment?.length ?? 0, 20);
  return Buffer.concat([...body, listed, end, shape.comment ?? Buffer.alloc(0)]);
}

/** An entry of a tar archive; what is left out is as it should be. */
export interface TarPart {
  readonly name: string;
  readonly bytes?: Buffer;
  /** `0` file, `1` hard link, `2` symbolic link, `3` and `4` devices, `5` folder, `6` pipe, `x` pax, `L` long name. */
  readonly type?: string;
  readonly link?: string;
  /** What the header declares: a number, or the twelve bytes of the field. */
  readonly size?: number | Buffer;
  readonly checksum?: number;
}

/** Writes a tar archive, as wrong as a test wants it (POSIX.1-2017, pax: ustar). */
export function tarOf(parts: readonly TarPart[], { hasEnd = true } = {}): Buffer {
  const blocks: Buffer[] = [];
  for (const part of parts) {
    const bytes = part.bytes ?? Buffer.alloc(0);
    const header = Buffer.alloc(512);
    header.write(part.name, 0, 100, 'utf8');
    header.write('0000644\0' + '0000000\0' + '0000000\0', 100, 'latin1');
    const { size = bytes.length } = part;
    if (Buffer.isBuffer(size)) size.copy(header, 124);
    else header.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
    header.write('00000000000\0', 136, 'latin1');
    header.write('        ', 148, 'latin1');
    header.write(part.type ?? '0', 156, 'latin1');
    header.write(part.link ?? '', 157, 100, 'utf8');
    header.write('ustar\0' + '00', 257, 'latin1');
    const sum = part.checksum ?? header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    blocks.push(header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512));
  }
  return Buffer.concat([...blocks, Buffer.alloc(hasEnd ? 1024 : 0)]);
}

/** One record of a pax header, its length included in its length. */
export function paxRecord(key: string, value: string): Buffer {
  const rest = ` ${key}=${value}\n`;
  let length = Buffer.byteLength(rest);
  while (length !== Buffer.byteLength(`${length}${rest}`)) length = Buffer.byteLength(`${length}${rest}`);
  return Buffer.from(`${length}${rest}`);
}
