import { Failure } from '../../contracts/failures';
import type { KeptPicture } from '../../contracts/schemas/kept-predictions';
import { sha256 } from '../storage/refs';
import type { Store } from '../storage/store';
import { pictureName } from './spool';
import { decodeTar } from './tar';

/**
 * Reads pictures out of batches' archives; the last archive is held, as predictions of a batch are read one after the other.
 *
 * @returns a function that gives a picture of the archive at a key, undefined where there is none to give.
 *   It throws Failure `digest-mismatch`, `not-found`, `storage-unavailable`.
 */
export function createPictureReader(
  store: Store,
): (key: string, picture: KeptPicture | undefined) => Promise<Buffer | undefined> {
  let held: { readonly key: string; readonly files: Promise<ReadonlyMap<string, Buffer>> } | undefined;

  async function open(key: string): Promise<ReadonlyMap<string, Buffer>> {
    if (held?.key !== key) held = { key, files: store.read(key).then(decodeTar) };
    try {
      return await held.files;
    } catch (error) {
      // The next to ask tries again.
      held = undefined;
      throw error;
    }
  }

  return async (key, picture) => {
    if (picture === undefined) return undefined;
    const bytes = (await open(key)).get(pictureName(picture));
    if (bytes === undefined || sha256(bytes) !== picture.sha256) {
      throw new Failure(
        'digest-mismatch',
        `${key} in ${store.location} does not hold the picture ${picture.sha256} as it was kept: the archive was ` +
          'changed or damaged. Bring it back from a backup.',
      );
    }
    return bytes;
  };
}
