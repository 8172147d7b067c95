import type { Registry } from '../../lib/registry/registry';

/**
 * A registry in which every alias names one version and never moves: for an API that is deployed with its version, so that what was
 * tried is what answers.
 */
export function pinned(
  registry: Pick<Registry, 'alias' | 'get'>,
  version: number | undefined,
): Pick<Registry, 'alias' | 'get'> {
  if (version === undefined) return registry;
  return {
    get: (name, number) => registry.get(name, number),
    alias: async (_name, alias) => ({
      alias: { alias, version, history: [] },
      generation: `version ${version}`,
    }),
  };
}
