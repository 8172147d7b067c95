import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';

/** A picture to send: a file's path, or its bytes, with a name where answers should show one. */
export type Picture = string | Uint8Array | Blob | { readonly bytes: Uint8Array; readonly name: string };

/** The API's field for pictures. */
const field = 'image';

/** The pictures as a form, in their order. A file's name goes with it, but not the folder that it lies in. */
export async function formOf(pictures: readonly Picture[]): Promise<FormData> {
  const form = new FormData();
  for (const picture of pictures) {
    const { blob, name } = await partOf(picture);
    form.append(field, blob, name);
  }
  return form;
}

async function partOf(picture: Picture): Promise<{ blob: Blob; name: string }> {
  if (typeof picture === 'string')
    return { blob: new Blob([await readFile(picture)]), name: basename(picture) };
  // Without any name, the part would not be a file.
  if (picture instanceof Blob) return { blob: picture, name: picture instanceof File ? picture.name : field };
  if (picture instanceof Uint8Array) return { blob: new Blob([picture]), name: field };
  return { blob: new Blob([picture.bytes]), name: picture.name };
}
