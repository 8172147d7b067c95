import type { PictureFacts } from '../../contracts/schemas/dataset';

/** What files of each format are named, in lower case. */
const extensions: Readonly<Record<PictureFacts['format'], readonly string[]>> = {
  jpeg: ['jpg', 'jpeg', 'jpe', 'jfif'],
  png: ['png', 'apng'],
  webp: ['webp'],
  gif: ['gif'],
  avif: ['avif', 'avifs'],
  tiff: ['tif', 'tiff'],
};

/** Those of formats that are not read, and that people take for pictures all the same. */
const otherPictures = ['bmp', 'heic', 'heif', 'jxl', 'jp2', 'svg', 'ico', 'psd'];

const pictureExtensions: ReadonlySet<string> = new Set([
  ...Object.values(extensions).flat(),
  ...otherPictures,
]);

/** In lower case, without the dot; undefined where what follows the last dot names no format, as in `v1.0`. */
function extensionOf(path: string): string | undefined {
  return /[^/]\.(?=[^.]*[a-z])([a-z0-9]{1,5})$/i.exec(path)?.[1]?.toLowerCase();
}

/** Whether a file's name says that it is a picture, of a format that is read or not. */
export function isNamedAsPicture(path: string): boolean {
  return pictureExtensions.has(extensionOf(path) ?? '');
}

/** Whether a picture's name says that it is something else than it is; a name without an extension says nothing. */
export function isNamedOtherwise(path: string, format: PictureFacts['format']): boolean {
  const extension = extensionOf(path);
  return extension !== undefined && !extensions[format].includes(extension);
}
