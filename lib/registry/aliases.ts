import { Failure } from '../../contracts/failures';
import type { EvaluationRef } from '../../contracts/refs';
import { aliasSchema, type Alias } from '../../contracts/schemas/registry';
import { canonicalJson } from '../storage/canonical-json';
import { parseDocument } from '../storage/refs';
import type { Generation, Store } from '../storage/store';
import { aliasesPrefix, aliasKey, parseAliasKey } from './keys';
import { requireVersion } from './versions';

export interface FoundAlias {
  readonly alias: Alias;
  /** Changes with every move: what a follower compares, and what the next move expects. */
  readonly generation: Generation;
}

export interface AliasMove {
  readonly version: number;
  /** The generation that the decision was made on; undefined: the alias must not be there yet. */
  readonly expected: Generation | undefined;
  /** Who moves it: a person, or a workflow's id. */
  readonly by: string;
  readonly reason: string;
  readonly evaluation?: EvaluationRef;
  /** The id of the promotion that moves it, which does so once. */
  readonly promotion?: string;
}

/** Taking an alias away. */
export type AliasRemoval = Pick<AliasMove, 'by' | 'reason'> & {
  /** The generation that the decision was made on; undefined: whatever stands. */
  readonly expected?: Generation | undefined;
};

export interface Rollback {
  /** undefined: the version that stood before the present one. */
  readonly version?: number | undefined;
  readonly by: string;
  readonly reason: string;
  /** The generation that the decision was made on; undefined: whatever stands. */
  readonly expected?: Generation | undefined;
}

/** The alias, unless it was never set or has been taken away. */
export async function findAlias(store: Store, name: string, alias: string): Promise<FoundAlias | undefined> {
  const found = await readAlias(store, name, alias);
  return found?.alias.removed === true ? undefined : found;
}

/** Every alias of a model by name, those that have been taken away too: their history is history. */
export async function listAliases(store: Store, name: string): Promise<FoundAlias[]> {
  const names: string[] = [];
  for await (const key of store.list(aliasesPrefix(name))) {
    const alias = parseAliasKey(key);
    if (alias !== undefined) names.push(alias);
  }
  const found = await Promise.all(names.sort().map((alias) => readAlias(store, name, alias)));
  return found.flatMap((each) => each ?? []);
}

async function readAlias(store: Store, name: string, alias: string): Promise<FoundAlias | undefined> {
  const key = aliasKey(name, alias);
  const found = await store.readVersioned(key);
  if (found === undefined) return undefined;
  return { alias: parseDocument(found.bytes, aliasSchema, key), generation: found.generation };
}

/** Whether the last move is the very one that is wanted: an answer was lost, and it is asked for again. */
function isDone(
  alias: Alias,
  move: Omit<AliasMove, 'expected' | 'version'> & { version?: number | undefined },
) {
  // A promotion is known by its id, whatever has come after it.
  if (move.promotion !== undefined) {
    return alias.history.some(({ promotion }) => promotion === move.promotion);
  }
  const last = alias.history.at(-1);
  return (
    last !== undefined &&
    last.removed === undefined &&
    (move.version === undefined || last.version === move.version) &&
    last.by === move.by &&
    last.reason === move.reason &&
    last.evaluation?.sha256 === move.evaluation?.sha256
  );
}

function moved(name: string, alias: string, now: FoundAlias | undefined): Failure {
  const last = now?.alias.history.at(-1);
  const found =
    last === undefined
      ? 'it is not there (any more)'
      : `it names version ${last.version} since ${last.at}, moved by ${last.by}`;
  return new Failure(
    'alias-moved',
    `The alias ${alias} of ${name} was moved since it was read: ${found}. Compare with that one, and decide again.`,
  );
}

export async function moveAlias(
  store: Store,
  now: () => Date,
  name: string,
  alias: string,
  move: AliasMove,
): Promise<Alias> {
  const { version, expected, by, reason, evaluation, promotion } = move;
  const key = aliasKey(name, alias);
  await requireVersion(store, name, version);
  const current = await readAlias(store, name, alias);
  if (promotion !== undefined && current && isDone(current.alias, move)) return current.alias;
  // Whoever expects none may find one that was taken away, and goes on with its history.
  const seen = current?.alias.removed === true ? undefined : current?.generation;
  if (seen === expected) {
    const step = {
      version,
      at: now().toISOString(),
      by,
      reason,
      ...(evaluation && { evaluation }),
      ...(promotion !== undefined && { promotion }),
    };
    const next: Alias = { alias, version, history: [...(current?.alias.history ?? []), step] };
    if (await store.compareAndSwap(key, Buffer.from(canonicalJson(next)), current?.generation)) return next;
  }
  const winner = await findAlias(store, name, alias);
  if (winner !== undefined && isDone(winner.alias, move)) return winner.alias;
  throw moved(name, alias, winner);
}

/**
 * Takes an alias away; its history stays, and is gone on with when it is set again.
 *
 * @throws Failure `not-found` where there is none; `alias-moved`
 */
export async function removeAlias(
  store: Store,
  now: () => Date,
  name: string,
  alias: string,
  { by, reason, expected }: AliasRemoval,
): Promise<Alias> {
  const current = await findAlias(store, name, alias);
  if (current === undefined) throw new Failure('not-found', `The model ${name} has no alias ${alias}.`);
  if (expected !== undefined && expected !== current.generation) throw moved(name, alias, current);
  const { version, history } = current.alias;
  const step = { version, at: now().toISOString(), by, reason, removed: true as const };
  const next: Alias = { alias, version, removed: true, history: [...history, step] };
  const bytes = Buffer.from(canonicalJson(next));
  if (await store.compareAndSwap(aliasKey(name, alias), bytes, current.generation)) return next;
  throw moved(name, alias, await findAlias(store, name, alias));
}

/**
 * The version to go back to. A move to a version that stood earlier takes back all moves since, so that going
 * back twice from 1, 2, 3 leads to 1 and not to 3 again.
 */
export function previousVersion(alias: Alias): number | undefined {
  const standing: number[] = [];
  for (const { version, removed } of alias.history) {
    if (removed === true) continue;
    const earlier = standing.indexOf(version);
    if (earlier >= 0) standing.length = earlier;
    standing.push(version);
  }
  return standing.at(-2);
}

export async function rollBack(
  store: Store,
  now: () => Date,
  name: string,
  alias: string,
  rollback: Rollback,
): Promise<Alias> {
  const { by, reason } = rollback;
  const current = await findAlias(store, name, alias);
  if (current === undefined) {
    throw new Failure('not-found', `The model ${name} has no alias ${alias} to roll back.`);
  }
  if (rollback.expected !== undefined && rollback.expected !== current.generation) {
    if (isDone(current.alias, rollback)) return current.alias;
    throw moved(name, alias, current);
  }
  const version = rollback.version ?? previousVersion(current.alias);
  if (version === undefined) {
    throw new Failure(
      'not-found',
      `The alias ${alias} of ${name} named no other version before ${current.alias.version}; name the version.`,
    );
  }
  if (version === current.alias.version) return current.alias;
  return moveAlias(store, now, name, alias, { version, expected: current.generation, by, reason });
}
