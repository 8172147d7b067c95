import { crc32, deflateSync } from 'node:zlib';

/** Files that were made to hurt whoever decodes them, each as small as it can be. */

function pngChunk(type: string, data: Buffer, spoil = false): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8 + body.length);
  frame.writeUInt32BE(data.length);
  body.copy(frame, 4);
  frame.writeUInt32BE(spoil ? 0 : crc32(body), 4 + body.length);
  return frame;
}

/** A PNG of grey, black all over, that says it is so large; of a large one only a row is there. */
export function png(width: number, height: number, { spoil = false } = {}): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const rows = Buffer.alloc(Math.min((width + 1) * height, 1_000_000));
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    pngChunk('IHDR', header, spoil),
    pngChunk('IDAT', deflateSync(rows)),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A GIF of so many frames that say they are as large as the screen, of one pixel each; or of frames that say they have one. */
export function gif(frames: number, width = 1, height = 1, { small = false } = {}): Buffer {
  const screen = Buffer.alloc(13);
  screen.write('GIF89a', 'latin1');
  screen.writeUInt16LE(width, 6);
  screen.writeUInt16LE(height, 8);
  screen[10] = 0x80;
  const frame = Buffer.from([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 0x01, 0]);
  if (!small) {
    frame.writeUInt16LE(width, 5);
    frame.writeUInt16LE(height, 7);
  }
  return Buffer.concat([
    screen,
    Buffer.from([0, 0, 0, 255, 255, 255]),
    ...Array<Buffer>(frames).fill(frame),
    Buffer.from([0x3b]),
  ]);
}

/** A TIFF of so many pages of one grey pixel; in a circle, the last leads to the first again. */
export function tiff(pages: number, { circle = false } = {}): Buffer {
  const entries: readonly (readonly [tag: number, value: number])[] = [
    [256, 1],
    [257, 1],
    [258, 8],
    [259, 1],
    [262, 1],
    [273, 8],
    [277, 1],
    [278, 1],
    [279, 1],
  ];
  const first = 10;
  const size = 2 + entries.length * 12 + 4;
  const file = Buffer.alloc(first + pages * size);
  file.write('II*\0', 'latin1');
  file.writeUInt32LE(first, 4);
  for (let page = 0; page < pages; page += 1) {
    const at = first + page * size;
    file.writeUInt16LE(entries.length, at);
    entries.forEach(([tag, value], index) => {
      const entry = at + 2 + index * 12;
      file.writeUInt16LE(tag, entry);
      file.writeUInt16LE(tag === 273 ? 4 : 3, entry + 2);
      file.writeUInt32LE(1, entry + 4);
      if (tag === 273) file.writeUInt32LE(value, entry + 8);
      else file.writeUInt16LE(value, entry + 8);
    });
    const last = page === pages - 1;
    file.writeUInt32LE(last ? (circle ? first : 0) : at + size, at + size - 4);
  }
  return file;
}

/** A JPEG's bytes, with the size in its frame header changed. */
export function jpegOfSize(jpeg: Buffer, width: number, height: number): Buffer {
  const changed = Buffer.from(jpeg);
  const frame = changed.findIndex((byte, at) => byte === 0xff && changed[at + 1] === 0xc0);
  changed.writeUInt16BE(height, frame + 5);
  changed.writeUInt16BE(width, frame + 7);
  return changed;
}

/** A picture that is a web page, too, to whoever guesses types. */
export function jpegWithPage(jpeg: Buffer): Buffer {
  const page = Buffer.from('<html><script>alert(1)</script></html>');
  const comment = Buffer.alloc(4 + page.length);
  comment.writeUInt16BE(0xfffe);
  comment.writeUInt16BE(2 + page.length, 2);
  page.copy(comment, 4);
  return Buffer.concat([jpeg.subarray(0, 2), comment, jpeg.subarray(2)]);
}

/** The end of an empty zip archive: enough for a reader of archives. */
export const zipEnd = Buffer.concat([Buffer.from('504b0506', 'hex'), Buffer.alloc(18)]);

/** It begins as an AVIF; what follows is nothing. */
export const avifGarbage = Buffer.concat([
  Buffer.from('0000001c667479706176696600000000617669666d6966316d696166', 'hex'),
  Buffer.from('0000ffff6d657461', 'hex'),
  Buffer.alloc(200, 0xa5),
]);

/** It begins as an HEIC, of which no decoder is built in. */
export const heicStart = Buffer.concat([
  Buffer.from('00000018667479706865696300000000686569636d696631', 'hex'),
  Buffer.alloc(64),
]);
