import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { Failure } from '../contracts/failures';

/** A folder of one's own pictures, as `--data` names it. */
export interface OwnPictures {
  readonly folder: string;
  /** Of the dataset and of the model: the folder's own name, as a name may be written. */
  readonly name: string;
}

/**
 * @throws Failure `source-invalid` where there is no such folder, or not one sub-folder a class: said here
 *   already, before anything is started.
 */
export async function ownPictures(given: string, project: string): Promise<OwnPictures> {
  const folder = resolve(project, given);
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw new Failure('source-invalid', `There is no folder ${folder}.`);
  const classes: string[] = [];
  for (const entry of await readdir(folder)) {
    if (!entry.startsWith('.') && (await stat(join(folder, entry))).isDirectory()) classes.push(entry);
  }
  if (classes.length < 2) {
    throw new Failure(
      'source-invalid',
      `${folder} has ${classes.length === 0 ? 'no sub-folder' : 'one sub-folder'}. Expected one a class, two at ` +
        'least, with that class’s pictures in it: photos/cat/1.jpg, photos/dog/1.jpg.',
    );
  }
  return { folder, name: slug(basename(folder)) };
}

/** `My Photos (2)` → `my-photos-2`. */
export function slug(text: string): string {
  const plain = text
    .normalize('NFKD')
    .replaceAll(/\p{Mark}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]+/g, '-')
    .replaceAll(/^[-_]+|-+$/g, '')
    .slice(0, 63)
    .replace(/-+$/, '');
  return plain === '' ? 'pictures' : plain;
}
