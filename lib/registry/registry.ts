import type { Alias, ModelVersion } from '../../contracts/schemas/registry';
import type { Store } from '../storage/store';
import {
  findAlias,
  listAliases,
  moveAlias,
  removeAlias,
  rollBack,
  type AliasMove,
  type AliasRemoval,
  type FoundAlias,
  type Rollback,
} from './aliases';
import {
  listModels,
  listNumbers,
  listVersions,
  registerVersion,
  requireVersion,
  type ModelDraft,
} from './versions';

export type { AliasMove, AliasRemoval, FoundAlias, Rollback } from './aliases';
export type { ModelDraft } from './versions';

/**
 * Numbered, immutable model versions, and movable names for them. Safe for many processes at once, each of
 * which may be killed at any point and ask again.
 *
 * Every method throws Failure `request-invalid` for a name, version or alias that can't be one.
 */
export interface Registry {
  /**
   * Registers a run's model: copies its files beside its documents, so that it stands without the run.
   * Once a run and the form that is served: asked again, it returns what was registered first.
   * @throws Failure `digest-mismatch`, `not-found` where the model's files aren't what the draft says
   */
  register(draft: ModelDraft): Promise<ModelVersion>;
  /** @throws Failure `not-found` */
  get(name: string, version: number): Promise<ModelVersion>;
  /** In their order; empty where there is no such model. */
  list(name: string): Promise<ModelVersion[]>;
  /** The numbers of its versions alone, for whoever has read most of them before. */
  numbers(name: string): Promise<number[]>;
  /** Every model's name, sorted. */
  names(): Promise<string[]>;
  /** Every alias of a model, sorted; those that were taken away too, for their history. */
  aliases(name: string): Promise<FoundAlias[]>;
  /** undefined where it was never moved, or has been taken away. */
  alias(name: string, alias: string): Promise<FoundAlias | undefined>;
  /**
   * Moves an alias, if it still stands where the mover saw it. The same move asked for again is done once.
   * @throws Failure `alias-moved` where another was faster; `not-found` where there is no such version
   */
  moveAlias(name: string, alias: string, move: AliasMove): Promise<Alias>;
  /** Takes an alias away; its history stays. @throws Failure `not-found`, `alias-moved` */
  removeAlias(name: string, alias: string, removal: AliasRemoval): Promise<Alias>;
  /**
   * Moves an alias back, to a version or to the one before. To be safe to ask for twice, it takes a version
   * or an expected generation.
   * @throws Failure `not-found` where there is no alias or no such version; `alias-moved`
   */
  rollback(name: string, alias: string, rollback: Rollback): Promise<Alias>;
}

/** @param now - the clock that dates versions and moves */
export function createRegistry(store: Store, now: () => Date = () => new Date()): Registry {
  return {
    register: (draft) => registerVersion(store, draft, now),
    get: (name, version) => requireVersion(store, name, version),
    list: (name) => listVersions(store, name),
    numbers: (name) => listNumbers(store, name),
    names: () => listModels(store),
    aliases: (name) => listAliases(store, name),
    alias: (name, alias) => findAlias(store, name, alias),
    moveAlias: (name, alias, move) => moveAlias(store, now, name, alias, move),
    removeAlias: (name, alias, removal) => removeAlias(store, now, name, alias, removal),
    rollback: (name, alias, rollback) => rollBack(store, now, name, alias, rollback),
  };
}
