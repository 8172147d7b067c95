import path from 'node:path';
import type { Settings } from '../../../contracts/schemas/settings';
import { readSourceSecrets } from '../../../contracts/schemas/source-secrets';
import type { SourceOptions } from './source';

/**
 * What sources may touch, from the settings and the environment of an entry point.
 *
 * @throws Failure `configuration-invalid` where a secret has no host or can be no header
 */
export function sourceOptions(
  settings: Settings,
  environment: Readonly<Record<string, string | undefined>>,
): SourceOptions {
  const { secrets, kaggle } = readSourceSecrets(environment);
  const { allowedHosts, kaggleEndpoint, limits } = settings.sources;
  return {
    project: settings.project,
    allowedRoots: settings.allowedRoots,
    downloads: path.join(settings.home, 'downloads'),
    gcsEndpoint: settings.gcsEndpoint,
    network: { allowedHosts, secrets, kaggle: { endpoint: kaggleEndpoint, authorization: kaggle } },
    limits,
  };
}
