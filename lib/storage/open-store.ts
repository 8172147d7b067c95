import path from 'node:path';
import { Failure } from '../../contracts/failures';
import { createBucketStore } from './bucket-store';
import { createFolderStore } from './folder-store';
import { openGoogleClient } from './google-client';
import { kindOfAddress, requireKey } from './keys';
import type { Store } from './store';
import { withFormat } from './store-format';

export interface OpenStoreOptions {
  /** Another address than Google's, without credentials: the bucket emulator's, `http://127.0.0.1:4443`. */
  readonly gcsEndpoint?: string;
}

/**
 * Opens a store by its place. Nothing is read or written yet, and Google's client, which is slow to load, is
 * loaded only when a bucket is first used.
 * What is then done with it throws Failure `store-too-new` where a later version of Drover has laid it out.
 *
 * @param location - an absolute folder, or `gs://bucket` or `gs://bucket/prefix`
 * @throws Failure `path-refused` where it is neither
 */
export function openStore(location: string, { gcsEndpoint }: OpenStoreOptions = {}): Store {
  const gcs = /^gs:\/\/([a-z0-9][a-z0-9._-]{1,220}[a-z0-9])(?:\/(.*))?$/s.exec(location);
  if (gcs?.[1] !== undefined) {
    const prefix = (gcs[2] ?? '').replace(/\/$/, '');
    if (prefix !== '') requireKey(prefix);
    return withFormat(
      createBucketStore({ bucket: gcs[1], prefix, storage: () => openGoogleClient(gcsEndpoint) }),
    );
  }
  if (path.isAbsolute(location)) return withFormat(createFolderStore(path.resolve(location)));
  throw new Failure(
    'path-refused',
    `Found ${kindOfAddress(location)}, which is no place for a store: ` +
      'an absolute folder, gs://bucket or gs://bucket/prefix was expected.',
  );
}
