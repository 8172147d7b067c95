import { Failure } from '../../contracts/failures';
import type { Alias, ModelVersion } from '../../contracts/schemas/registry';
import type { LogFields, Logger } from '../../lib/logging/logger';
import type { FoundAlias } from '../../lib/registry/aliases';
import type { Registry } from '../../lib/registry/registry';
import { readRef } from '../../lib/storage/refs';
import type { Store } from '../../lib/storage/store';
import type { Engine } from '../engine/engine';
import { LoadedModel } from './loaded-model';
import type { CopiedModel, LocalCopy } from './local-copy';
import type { ModelHolder } from './served-model';

export interface FollowedModel extends ModelHolder {
  /** Looks at the alias now, and changes the model over where it moved. Never rejects: trouble is logged. */
  check(): Promise<void>;
  /** Stops following, and unloads the model when the last request that uses it has ended. */
  close(): Promise<void>;
}

export interface FollowOptions {
  readonly store: Store;
  readonly engine: Engine;
  readonly registry: Pick<Registry, 'alias' | 'get'>;
  /** The model's name in the registry. */
  readonly name: string;
  readonly alias: string;
  /** Whether the model goes when the alias is taken away; otherwise the last one stays, as a store that was moved away has no alias either. */
  readonly leaves?: boolean;
  /** What is answered with where the store is away at the start; kept up to date. */
  readonly copy?: LocalCopy | undefined;
  /** How long the store may take at the start before the copy is served meanwhile, in milliseconds. */
  readonly patienceMs?: number;
  /** Time between two looks at the alias, in milliseconds. */
  readonly intervalMs: number;
  readonly logger: Logger;
}

/** A version that fails is tried again ever more rarely, but at least this often. */
const longestRetryMs = 5 * 60_000;
/** A store that is away may take minutes to say so; by then this machine's own copy has long answered. */
const usualPatienceMs = 2_000;

async function load(engine: Engine, { version: found, onnx, promotedAt }: CopiedModel): Promise<LoadedModel> {
  const { name, version, model, metrics } = found;
  const { classes, preprocessing } = model;
  const digest = model.onnx.sha256;
  const opened = await engine.open({ name, version, digest, onnx, classes, preprocessing });
  const { accuracy } = metrics;
  return new LoadedModel(
    {
      ...{ name, version, digest, classes, preprocessing, accuracy, promotedAt },
      answer: (picture, options) => opened.answer(picture, options),
    },
    opened,
  );
}

function promotionTime(alias: Alias): string | undefined {
  return alias.history.findLast((move) => move.version === alias.version)?.at;
}

/**
 * Follows an alias of the registry: looks at once, then every `intervalMs`. A version that it moves to is
 * read, its digest checked, opened and warmed up beside the one that answers; only then do new requests
 * go to it, while those under way end on the old one. A version that fails at any of this, and a store that
 * doesn't answer, change nothing: the last good model goes on answering, and it is tried again later. Where there is none yet, the one
 * that this machine served last does.
 */
export function followAlias(options: FollowOptions): FollowedModel {
  const { store, engine, registry, name, alias, leaves = false, copy, intervalMs } = options;
  const { patienceMs = usualPatienceMs } = options;
  const logger = options.logger.child({ model: name, alias });
  const unloading = new Set<Promise<void>>();
  let loaded: LoadedModel | undefined;
  let looking: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  /** The version that could not be loaded, and when to try it again. */
  let failing: { version: number; attempts: number; retryAt: number } | undefined;
  let aliasUnread = false;
  let copying: Promise<void> | undefined;
  /** Of the alias, when what it names was served last: as long as it is the same, so is that. */
  let seen: string | undefined;

  function unload(model: LoadedModel): void {
    const done = model
      .unload()
      .catch((error: unknown) => logger.warn('unloading a model failed', { error }))
      .then(() => void unloading.delete(done));
    unloading.add(done);
  }

  async function readAlias(): Promise<FoundAlias | undefined> {
    try {
      const found = await registry.alias(name, alias);
      if (aliasUnread) logger.info('the alias can be read again');
      aliasUnread = false;
      return found;
    } catch (error) {
      // Once, not at every look: the store may be away for hours.
      if (!aliasUnread) logger.warn('the alias cannot be read; what is loaded goes on answering', { error });
      aliasUnread = true;
      return undefined;
    }
  }

  function serve(next: LoadedModel, fields: LogFields = {}): void {
    if (closed) {
      unload(next);
      return;
    }
    const last = loaded;
    loaded = next;
    const { version, digest } = next.served;
    logger.info('serving a model', { version, digest, before: last?.served.version, ...fields });
    if (last !== undefined) unload(last);
  }

  async function changeOver({ alias: to, generation }: FoundAlias): Promise<void> {
    const { version: number } = to;
    try {
      const version = await registry.get(name, number);
      if (!isLoaded(version)) {
        const onnx = await readRef(store, version.model.onnx);
        const model = { version, onnx, promotedAt: promotionTime(to) };
        serve(await load(engine, model));
        await copy
          ?.save(model)
          .catch((error: unknown) => logger.warn('the local copy of the model cannot be written', { error }));
      }
      seen = generation;
      failing = undefined;
    } catch (error) {
      const attempts = failing?.version === number ? failing.attempts + 1 : 1;
      const waitMs = Math.min(intervalMs * 2 ** attempts, longestRetryMs);
      failing = { version: number, attempts, retryAt: Date.now() + waitMs };
      logger.error('a model version cannot be served; it is tried again later', {
        version: number,
        serving: loaded?.served.version,
        attempts,
        waitMs,
        error,
      });
    }
  }

  /** At the start, where the store gives nothing: the last that was served here is better than none. Once only. */
  function serveCopy(): Promise<void> {
    copying ??= readCopy();
    return copying;
  }

  async function readCopy(): Promise<void> {
    const model = await copy?.read();
    if (model === undefined) return;
    try {
      const next = await load(engine, model);
      // The store may have answered meanwhile.
      if (loaded === undefined) serve(next, { from: 'local copy' });
      else unload(next);
    } catch (error) {
      logger.warn('the local copy of the model cannot be served', { error });
    }
  }

  function leave(): void {
    if (loaded === undefined) return;
    logger.info('the alias was taken away; its model answers no more', { version: loaded.served.version });
    unload(loaded);
    loaded = undefined;
    seen = undefined;
  }

  /** By its digest too: a store that was begun again counts from 1 again. */
  function isLoaded({ version, model }: ModelVersion): boolean {
    return loaded?.served.version === version && loaded.served.digest === model.onnx.sha256;
  }

  async function look(): Promise<void> {
    const found = await readAlias();
    const isTried = failing?.version === found?.alias.version && Date.now() < (failing?.retryAt ?? 0);
    if (found !== undefined && found.generation !== seen && !isTried) await changeOver(found);
    if (found === undefined && !aliasUnread && leaves) leave();
    // A store's folder that was moved away looks like one in which nothing was promoted yet.
    if (loaded === undefined) await serveCopy();
  }

  function check(): Promise<void> {
    if (closed) return Promise.resolve();
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  }

  function keepLooking(): void {
    void check().then(() => {
      if (!closed) timer = setTimeout(keepLooking, intervalMs);
    });
  }

  keepLooking();
  const impatience = setTimeout(() => {
    if (loaded === undefined) void serveCopy();
  }, patienceMs);

  return {
    check,
    current: () => loaded?.served,
    async use(_id, work) {
      if (loaded === undefined) {
        throw new Failure(
          'model-unavailable',
          `The model ${name} has no ${alias} that could be loaded yet. Try again when a pipeline has promoted one.`,
        );
      }
      return loaded.use(work);
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      clearTimeout(impatience);
      await Promise.all([looking, copying]);
      if (loaded !== undefined) unload(loaded);
      loaded = undefined;
      await Promise.all(unloading);
    },
  };
}
