import { Failure } from '../../../contracts/failures';
import type { BucketObject, ForeignBucket } from '../../storage/foreign-bucket';
import { largestPicture } from './source';

/** @throws Failure `picture-too-large` before anything is read; `picture-unreadable` where the object is no longer the one that was listed; as the bucket */
export async function readObject(bucket: ForeignBucket, object: BucketObject): Promise<Buffer> {
  if (object.size > largestPicture) {
    throw new Failure('picture-too-large', `Found ${object.size} bytes; at most ${largestPicture} are read.`);
  }
  const bytes = await bucket.read(object);
  if (bytes !== undefined) return bytes;
  throw new Failure(
    'picture-unreadable',
    'Found an object that was replaced or removed while the bucket was read, or whose bytes are not those of its checksum.',
  );
}
