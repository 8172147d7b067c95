import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../contracts/failures';

/** One's own pictures, as `--data` names them. */
export interface OwnPictures {
  /** The source's URI: an absolute path of this machine, or an address. */
  readonly uri: string;
  /** The folder of this machine that must be allowed for it. */
  readonly folder?: string;
  /** Of the dataset and of the model: the source's own name, as a name may be written. */
  readonly name: string;
}

/**
 * @param given - a folder with one sub-folder a class, an archive or a manifest, as a path or an address
 * @throws Failure `source-invalid` where there is no such path, or a folder without one sub-folder a class: said
 *   here already, before anything is started.
 */
export async function ownPictures(given: string, project: string): Promise<OwnPictures> {
  const address = /^(?!file:)[a-z][a-z0-9+.-]*:\/\/(.*)$/i.exec(given)?.[1];
  if (address !== undefined) return { uri: given, name: nameOf(address) };
  const uri = resolve(project, /^file:/i.test(given) ? fileURLToPath(given) : given);
  const found = await stat(uri).catch(() => undefined);
  if (found?.isFile() === true) return { uri, folder: dirname(uri), name: nameOf(uri) };
  if (found?.isDirectory() !== true) throw new Failure('source-invalid', `There is no folder ${uri}.`);
  const classes: string[] = [];
  for (const entry of await readdir(uri)) {
    if (!entry.startsWith('.') && (await stat(join(uri, entry))).isDirectory()) classes.push(entry);
  }
  if (classes.length < 2) {
    throw new Failure(
      'source-invalid',
      `${uri} has ${classes.length === 0 ? 'no sub-folder' : 'one sub-folder'}. Expected one a class, two at ` +
        'least, with that class’s pictures in it: photos/cat/1.jpg, photos/dog/1.jpg.',
    );
  }
  return { uri, folder: uri, name: slug(basename(uri)) };
}

/** `example.org/pets.tar.gz?v=1` → `pets`: the last part of an address or a path, without its endings. */
function nameOf(address: string): string {
  const parts = (address.split(/[?#]/)[0] ?? '').split('/').filter((part) => part !== '');
  const last = parts.at(-1) ?? '';
  const bare = last.replace(/\.(tar\.gz|tgz|tar|zip|csv|jsonl)$/i, '');
  return slug(bare);
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
