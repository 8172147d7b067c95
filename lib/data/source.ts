import { Failure } from '../../contracts/failures';
import { type FolderOptions, openFolder } from './folder-source';
import type { Source } from './labelled-pictures';
import { didYouMean } from './nearest';
import { openSample } from './sample/sample-source';

const supported = 'sample://animals, or a folder with one sub-folder a class (a path, or file:///…)';

/**
 * Opens a source by its URI.
 *
 * @throws Failure `source-invalid` where no source has that scheme, name or setting, or there is no such
 *   folder; `path-refused` where the folder lies outside of the allowed roots. What was given is not echoed:
 *   a URI may hold a password.
 */
export async function openSource(uri: string, options: FolderOptions): Promise<Source> {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(uri)?.[1]?.toLowerCase();
  switch (scheme) {
    case 'sample':
      return openSample(uri);
    case 'file':
    case undefined:
      return openFolder(uri, options);
    default: {
      const hint = didYouMean(scheme, ['sample', 'file']);
      throw new Failure(
        'source-invalid',
        `No source is known by its scheme, ${scheme.slice(0, 20)}://.${hint} Supported: ${supported}.`,
      );
    }
  }
}
