import { Failure } from '../../../contracts/failures';
import { didYouMean } from '../../../contracts/schemas/nearest';
import type { SourceConfig } from '../../../contracts/schemas/pipeline';
import { openBucketSource } from './bucket-source';
import { openKaggle } from './kaggle-source';
import { openLocal } from './local-source';
import { openSample } from './sample/sample-source';
import type { Source, SourceOptions } from './source';
import { openWebSource } from './web-source';

const supported =
  'sample://animals, a folder, an archive or a manifest on this machine (a path, or file:///…), gs://bucket/prefix, ' +
  'https://host/file (archive or manifest) or kaggle://owner/dataset';

/**
 * Opens a source by its configuration.
 *
 * @throws Failure `source-invalid` where no source has that scheme, name or setting, or nothing is there;
 *   `path-refused` where it lies outside of what is allowed. What was given is not echoed: a URI may hold a
 *   password.
 */
export async function openSource(config: SourceConfig, options: SourceOptions): Promise<Source> {
  const { uri } = config;
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(uri)?.[1]?.toLowerCase();
  switch (scheme) {
    case 'sample':
      return openSample(uri);
    case 'file':
    case undefined:
      return openLocal(config, options);
    case 'gs':
      return openBucketSource(config, options);
    case 'http':
    case 'https':
      return openWebSource(config, options);
    case 'kaggle':
      return openKaggle(uri, options);
    default: {
      const known = ['sample', 'file', 'gs', 'https', 'kaggle'];
      throw new Failure(
        'source-invalid',
        `A source is ${supported}. Found ${scheme.slice(0, 20)}://${didYouMean(scheme, known)}`,
      );
    }
  }
}
