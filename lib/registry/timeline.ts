import type { EvaluationRef } from '../../contracts/refs';
import type { ModelVersion } from '../../contracts/schemas/registry';
import type { FoundAlias } from './aliases';

/** Something that happened to a model in the registry. */
export interface RegistryEvent {
  readonly at: string;
  readonly kind: 'registered' | 'alias-set' | 'alias-moved' | 'alias-removed';
  readonly version: number;
  /** Of those about an alias. */
  readonly alias?: string;
  /** The version that the alias named before. */
  readonly before?: number;
  readonly by?: string;
  readonly reason?: string;
  readonly evaluation?: EvaluationRef;
}

/** All that happened to a model, oldest first: what was registered, and every move of every alias. */
export function timelineOf(
  versions: readonly Pick<ModelVersion, 'version' | 'createdAt' | 'lineage'>[],
  aliases: readonly Pick<FoundAlias, 'alias'>[],
): RegistryEvent[] {
  const registered = versions.map(({ version, createdAt, lineage }): RegistryEvent => ({
    at: createdAt,
    kind: 'registered',
    version,
    by: lineage.pipeline ?? lineage.run,
  }));
  const moves = aliases.flatMap(({ alias }) => aliasEvents(alias));
  // A stable sort: of the same moment, a version comes before the alias that names it.
  return [...registered, ...moves].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
}

function aliasEvents({ alias, history }: FoundAlias['alias']): RegistryEvent[] {
  let before: number | undefined;
  return history.map(({ version, at, by, reason, evaluation, removed }) => {
    const event: RegistryEvent = {
      ...{ at, version, alias, by, reason },
      kind: removed === true ? 'alias-removed' : before === undefined ? 'alias-set' : 'alias-moved',
      ...(before !== undefined && removed === undefined && { before }),
      ...(evaluation && { evaluation }),
    };
    before = removed === true ? undefined : version;
    return event;
  });
}
