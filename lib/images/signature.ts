/** The formats that are read, by what their first bytes say. */
export type PictureFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'avif' | 'tiff';

export const formatNames: Readonly<Record<PictureFormat, string>> = {
  jpeg: 'JPEG',
  png: 'PNG',
  webp: 'WebP',
  gif: 'GIF',
  avif: 'AVIF',
  tiff: 'TIFF',
};

/** What the first bytes of a file say it is, whatever its name says. */
export type Signature =
  { readonly format: PictureFormat } | { readonly format: undefined; readonly looksLike: string };

function startsWith(bytes: Uint8Array, expected: readonly number[], at = 0): boolean {
  return expected.every((byte, index) => bytes[at + index] === byte);
}

function ascii(text: string): number[] {
  return Array.from(Buffer.from(text, 'latin1'));
}

/** An ISO base media file names the brands that it is compatible with in its first box. */
function ftypBrands(bytes: Uint8Array): string[] {
  const length = Math.min(new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0), bytes.length, 256);
  const brands: string[] = [];
  for (let at = 8; at + 4 <= length; at += 4) {
    // Bytes 12 to 15 are the minor version, not a brand.
    if (at !== 12) brands.push(String.fromCharCode(...bytes.subarray(at, at + 4)));
  }
  return brands;
}

const others: readonly (readonly [string, readonly number[]])[] = [
  ['a BMP picture', ascii('BM')],
  ['a PDF', ascii('%PDF')],
  ['a ZIP archive', [0x50, 0x4b, 0x03, 0x04]],
  ['a gzip archive', [0x1f, 0x8b]],
  ['a JPEG XL picture', [0xff, 0x0a]],
  ['a JPEG XL picture', [0x00, 0x00, 0x00, 0x0c, 0x4a, 0x58, 0x4c, 0x20]],
  ['a Photoshop document', ascii('8BPS')],
  ['an icon', [0x00, 0x00, 0x01, 0x00]],
  ['a Git LFS pointer, whose picture was not fetched', ascii('version https://git-lfs')],
];

function describeOther(bytes: Uint8Array): string {
  const known = others.find(([, expected]) => startsWith(bytes, expected));
  if (known !== undefined) return known[0];
  const head = Buffer.from(bytes.subarray(0, 512));
  const text = head
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart()
    .toLowerCase();
  const isMarkup = text.startsWith('<?xml') || text.startsWith('<!');
  if (text.startsWith('<svg') || (isMarkup && text.includes('<svg'))) return 'an SVG drawing';
  if (text.startsWith('<!doctype html') || text.startsWith('<html')) return 'a web page';
  // No zero byte and, but for a character that the cut went through, valid UTF-8.
  const isText = !head.includes(0) && !head.subarray(0, 256).toString('utf8').slice(0, -1).includes('\uFFFD');
  return isText ? 'text' : 'unknown data';
}

/**
 * Reads a file's signature. SVG, PDF and the like are told from pictures here, before any bytes reach
 * libvips, whose loaders for them would follow links and run scripts of their own.
 */
export function readSignature(bytes: Uint8Array): Signature {
  if (bytes.length === 0) return { format: undefined, looksLike: 'nothing: it is empty' };
  if (startsWith(bytes, [0xff, 0xd8, 0xff])) return { format: 'jpeg' };
  if (startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return { format: 'png' };
  if (startsWith(bytes, ascii('RIFF')) && startsWith(bytes, ascii('WEBP'), 8)) return { format: 'webp' };
  if (startsWith(bytes, ascii('GIF87a')) || startsWith(bytes, ascii('GIF89a'))) return { format: 'gif' };
  if (startsWith(bytes, [0x49, 0x49, 0x2a, 0x00]) || startsWith(bytes, [0x4d, 0x4d, 0x00, 0x2a])) {
    return { format: 'tiff' };
  }
  if (bytes.length >= 12 && startsWith(bytes, ascii('ftyp'), 4)) {
    const brands = ftypBrands(bytes);
    if (brands.includes('avif') || brands.includes('avis')) return { format: 'avif' };
    if (brands.some((brand) => /^(hei[cxms]|hev[cx]|mif1)$/.test(brand))) {
      return { format: undefined, looksLike: 'a HEIC picture' };
    }
    return { format: undefined, looksLike: 'a video' };
  }
  return { format: undefined, looksLike: describeOther(bytes) };
}
