import path from 'node:path';
import type { NetworkRules, SourceOptions } from '../../lib/data/sources/source';

/** What a source may touch in a test: one folder, and of the network only what is named. */
export function sourceOptionsFor(
  root: string,
  changes: Partial<Omit<SourceOptions, 'network'>> & { readonly network?: Partial<NetworkRules> } = {},
): SourceOptions {
  return {
    project: root,
    allowedRoots: [root],
    downloads: path.join(root, 'downloads'),
    limits: { download: 1e9, unpacked: 1e9, files: 1e6 },
    ...changes,
    network: {
      allowedHosts: [],
      secrets: new Map(),
      kaggle: { endpoint: 'https://www.kaggle.com/api/v1', authorization: undefined },
      ...changes.network,
    },
  };
}
