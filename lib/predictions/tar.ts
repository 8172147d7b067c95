/**
 * An archive of plain files as POSIX.1-1988 has it ("ustar"), of which batches of pictures need no more. Written here and not by a
 * package, because the shipper makes one at once from bytes that it holds, and the API's image needs no more packages for it.
 */
const block = 512;

const magic = Buffer.from('ustar\x0000', 'latin1');
type Field = readonly [offset: number, length: number];
const nameField: Field = [0, 100];
const modeField: Field = [100, 8];
const ownerField: Field = [108, 8];
const groupField: Field = [116, 8];
const sizeField: Field = [124, 12];
const timeField: Field = [136, 12];
const checksumField: Field = [148, 8];
const typeField: Field = [156, 1];
const magicField: Field = [257, 8];

function octal(value: number, length: number): string {
  return `${value.toString(8).padStart(length - 1, '0')}\0`;
}

function header(name: string, size: number): Buffer {
  const bytes = Buffer.alloc(block);
  const put = ([at]: Field, text: string) => void bytes.write(text, at, 'latin1');
  put(nameField, name);
  put(modeField, octal(0o644, 8));
  put(ownerField, octal(0, 8));
  put(groupField, octal(0, 8));
  put(sizeField, octal(size, 12));
  put(timeField, octal(0, 12));
  put(typeField, '0');
  magic.copy(bytes, magicField[0]);
  // The sum counts its own field as spaces.
  put(checksumField, ' '.repeat(8));
  let sum = 0;
  for (const byte of bytes) sum += byte;
  put(checksumField, `${sum.toString(8).padStart(6, '0')}\0 `);
  return bytes;
}

/**
 * The same files in the same order give the same bytes.
 *
 * @param files - by their names: ASCII, at most 100 characters.
 */
export function encodeTar(files: ReadonlyMap<string, Uint8Array>): Buffer {
  const pieces: Uint8Array[] = [];
  for (const [name, bytes] of files) {
    pieces.push(header(name, bytes.byteLength), bytes, Buffer.alloc(-bytes.byteLength & (block - 1)));
  }
  // Two empty blocks end it.
  pieces.push(Buffer.alloc(2 * block));
  return Buffer.concat(pieces);
}

/**
 * The files of an archive that {@link encodeTar} made; they share its memory.
 *
 * @throws Error where it is damaged or cut off
 */
export function decodeTar(archive: Buffer): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (let at = 0; at + block <= archive.length && archive[at] !== 0;) {
    const text = ([from, length]: Field) =>
      archive.toString('latin1', at + from, at + from + length).replace(/\0.*$/s, '');
    const size = parseInt(text(sizeField), 8);
    const start = at + block;
    if (!text(magicField).startsWith('ustar') || !(start + size <= archive.length)) {
      throw new Error('An archive of kept pictures is damaged or cut off.');
    }
    files.set(text(nameField), archive.subarray(start, start + size));
    at = start + Math.ceil(size / block) * block;
  }
  return files;
}
