import { readOrientation } from '../images/jpeg/header';

const prefix = Buffer.from('Exif\0\0', 'latin1');

/** Which way up a picture is, by its EXIF (with or without the prefix that JPEG gives it); 1 is upright. */
export function orientationOf(exif: Buffer): number {
  return readOrientation(
    exif.subarray(0, prefix.length).equals(prefix) ? exif.subarray(prefix.length) : exif,
  );
}

/** EXIF of one entry, the orientation: EXIF 2.32, 4.6.2 and 4.6.4, tag 0x0112, a SHORT. */
export function exifOfOrientation(orientation: number): Buffer {
  const directory = Buffer.from('4d4d002a00000008000101120003000000010000000000000000', 'hex');
  directory.writeUInt16BE(orientation, 18);
  return directory;
}
