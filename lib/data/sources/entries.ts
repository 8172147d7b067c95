import { Failure } from '../../../contracts/failures';
import { isLitterPath } from './litter';
import { largestPicture, type SourcePicture } from './source';
import { nestedArchive } from './archive/kinds';
import { entryName } from './names';

/** A file of an archive or a bucket as its reader found it, before its name and kind are judged. */
export interface SourceEntry {
  readonly name: string;
  /** Bytes, as the archive or the bucket declares them. */
  readonly size: number;
  readonly isFolder: boolean;
  /** Why it cannot be taken: a link, a device, encrypted, or of a method that is not supported. */
  readonly refused?: string | undefined;
  readonly stamp?: string | undefined;
  bytes(): Promise<Buffer>;
}

function refusing(type: 'path-refused' | 'picture-unreadable' | 'picture-too-large', message: string) {
  return (): Promise<Buffer> => Promise.reject(new Failure(type, message));
}

/** What reading an entry gives or says, by what is known of it without reading it. */
function bytesOf(entry: SourceEntry, refusedName: string | undefined): SourcePicture['bytes'] {
  if (refusedName !== undefined) {
    return refusing('path-refused', `Found an entry whose name is refused: ${refusedName}.`);
  }
  if (entry.refused !== undefined) return refusing('path-refused', `Found ${entry.refused}.`);
  if (nestedArchive.test(entry.name)) {
    return refusing(
      'picture-unreadable',
      'Found an archive inside the source, which is not opened. Unpack it, or name it as a source of its own.',
    );
  }
  if (entry.size > largestPicture) {
    return refusing('picture-too-large', `Found ${entry.size} bytes; at most ${largestPicture} are read.`);
  }
  return () => entry.bytes();
}

/** Gives entries as pictures: folders and litter left out, each path once, and what is refused with its reason. */
export function createEntryJudge(): (entry: SourceEntry) => SourcePicture | undefined {
  const paths = new Set<string>();
  let number = 0;
  return (entry) => {
    number += 1;
    const { path, refused } = entryName(entry.name);
    if (entry.isFolder || (refused === undefined && isLitterPath(path))) return undefined;
    if (paths.has(path)) {
      const message = `Found a second entry with the name ${JSON.stringify(path)}; the first is taken.`;
      const other = `${path} (entry ${number})`;
      paths.add(other);
      return { path: other, bytes: refusing('path-refused', message) };
    }
    paths.add(path);
    const isTaken = refused === undefined && entry.refused === undefined;
    return {
      path,
      ...(isTaken && entry.stamp !== undefined && { stamp: entry.stamp }),
      bytes: bytesOf(entry, refused),
    };
  };
}
