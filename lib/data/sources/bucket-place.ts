import { Failure } from '../../../contracts/failures';
import { usualTimes } from '../../network/times';
import type { ForeignBucketOptions } from '../../storage/foreign-bucket';
import type { SourceOptions } from './source';

/** A place in a bucket. */
export interface BucketPlace {
  readonly bucket: string;
  /** Without slashes at its ends; empty for the whole bucket. */
  readonly key: string;
}

/** @throws Failure `source-invalid` where the URI is not `gs://bucket` or `gs://bucket/prefix` */
export function parseBucketUri(uri: string): BucketPlace {
  const found = /^gs:\/\/([a-z0-9][a-z0-9._-]{1,220}[a-z0-9])(?:\/(.*))?$/is.exec(uri);
  const bucket = found?.[1];
  if (bucket === undefined) {
    throw new Failure('source-invalid', 'The source is no valid gs:// address; expected gs://bucket/prefix.');
  }
  return { bucket, key: (found?.[2] ?? '').replace(/^\/+|\/+$/g, '') };
}

/** How a source's buckets are asked. */
export function bucketOptions({
  gcsEndpoint,
  times,
}: Pick<SourceOptions, 'gcsEndpoint' | 'times'>): ForeignBucketOptions {
  const { attempts, firstWaitMs, stallMs } = { ...usualTimes, ...times };
  return { gcsEndpoint, retry: { attempts, firstWaitMs }, stallMs };
}
