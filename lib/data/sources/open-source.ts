import { Failure } from '../../../contracts/failures';
import { didYouMean } from '../../../contracts/schemas/nearest';
import type { SourceConfig } from '../../../contracts/schemas/pipeline';
import { openLocal } from './local-source';
import { openSample } from './sample/sample-source';
import type { Source, SourceOptions } from './source';

const supported = 'sample://animals, or a folder with one sub-folder a class (a path, or file:///…)';

/**
 * Opens a source by its URI.
 *
 * @throws Failure `source-invalid` where no source has that scheme, name or setting, or there is no such
 *   folder; `path-refused` where the folder lies outside of the allowed roots. What was given is not echoed:
 *   a URI may hold a password.
 */
export async function openSource({ uri }: SourceConfig, options: SourceOptions): Promise<Source> {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(uri)?.[1]?.toLowerCase();
  switch (scheme) {
    case 'sample':
      return openSample(uri);
    case 'file':
    case undefined:
      return openLocal(uri, options);
    default:
      throw new Failure(
        'source-invalid',
        `A source is ${supported}. Found ${scheme.slice(0, 20)}://${didYouMean(scheme, ['sample', 'file'])}`,
      );
  }
}
