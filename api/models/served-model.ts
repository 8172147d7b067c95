import { Failure } from '../../contracts/failures';
import type { Alias, ModelVersion } from '../../contracts/schemas/registry';
import type { Preprocessing } from '../../contracts/schemas/preprocessing';
import type { Logger } from '../../lib/logging/logger';
import type { Registry } from '../../lib/registry/registry';
import { readRef } from '../../lib/storage/refs';
import type { Store } from '../../lib/storage/store';
import type { Engine, OpenedModel } from '../engine/engine';

/** What can be said of a model without running it. */
export interface ModelDescription {
  readonly name: string;
  readonly version: number;
  /** SHA-256 of the ONNX file that answers. */
  readonly digest: string;
  readonly classes: readonly string[];
  readonly preprocessing: Preprocessing;
  /** On the test pictures, in [0, 1]. */
  readonly accuracy: number;
  /** When the alias was moved to this version. */
  readonly promotedAt: string | undefined;
}

export type ServedModel = ModelDescription & Pick<OpenedModel, 'answer'>;

/** The model that answers now; which one that is may change between two calls, but never within one. */
export interface ModelHolder {
  /** The model that a request that comes now is answered by, or undefined where there is none yet. */
  current(): ModelDescription | undefined;
  /**
   * Does `work` with the current model, which stays loaded until `work` has ended.
   * @param id - The request's.
   * @throws Failure `model-unavailable` where there is none yet; whatever `work` throws.
   */
  use<T>(id: string, work: (model: ServedModel) => Promise<T>): Promise<T>;
}

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
  /** Time between two looks at the alias, in milliseconds. */
  readonly intervalMs: number;
  readonly logger: Logger;
}

/** A version that fails is tried again ever more rarely, but at least this often. */
const longestRetryMs = 5 * 60_000;

/** A loaded model that counts its users, so that it is unloaded only when the last is done. */
class LoadedModel {
  private users = 0;
  private onUnused: (() => void) | undefined;

  constructor(
    readonly served: ServedModel,
    private readonly opened: OpenedModel,
  ) {}

  async use<T>(work: (model: ServedModel) => Promise<T>): Promise<T> {
    this.users += 1;
    try {
      return await work(this.served);
    } finally {
      this.users -= 1;
      if (this.users === 0) this.onUnused?.();
    }
  }

  /** To be called when no new users can come. Resolves when the last is done and the memory is given back. */
  async unload(): Promise<void> {
    if (this.users > 0) {
      await new Promise<void>((resolve) => {
        this.onUnused = resolve;
      });
    }
    await this.opened.close();
  }
}

async function load(
  { store, engine }: Pick<FollowOptions, 'store' | 'engine'>,
  { name, version, model, metrics }: ModelVersion,
  promotedAt: string | undefined,
): Promise<LoadedModel> {
  const { classes, preprocessing, onnx } = model;
  const digest = onnx.sha256;
  const bytes = await readRef(store, onnx);
  const opened = await engine.open({ name, version, digest, onnx: bytes, classes, preprocessing });
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
 * doesn't answer, change nothing: the last good model goes on answering, and it is tried again later.
 */
export function followAlias(options: FollowOptions): FollowedModel {
  const { registry, name, alias, intervalMs } = options;
  const logger = options.logger.child({ model: name, alias });
  const unloading = new Set<Promise<void>>();
  let loaded: LoadedModel | undefined;
  let looking: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  /** The version that could not be loaded, and when to try it again. */
  let failing: { version: number; attempts: number; retryAt: number } | undefined;
  let aliasUnread = false;

  function unload(model: LoadedModel): void {
    const done = model
      .unload()
      .catch((error: unknown) => logger.warn('unloading a model failed', { error }))
      .then(() => void unloading.delete(done));
    unloading.add(done);
  }

  async function readAlias(): Promise<Alias | undefined> {
    try {
      const found = await registry.alias(name, alias);
      if (aliasUnread) logger.info('the alias can be read again');
      aliasUnread = false;
      return found?.alias;
    } catch (error) {
      // Once, not at every look: the store may be away for hours.
      if (!aliasUnread) logger.warn('the alias cannot be read; what is loaded goes on answering', { error });
      aliasUnread = true;
      return undefined;
    }
  }

  async function changeOver(version: number, promotedAt: string | undefined): Promise<void> {
    try {
      const next = await load(options, await registry.get(name, version), promotedAt);
      if (closed) {
        unload(next);
        return;
      }
      const last = loaded;
      loaded = next;
      failing = undefined;
      logger.info('serving a model', { version, digest: next.served.digest, before: last?.served.version });
      if (last !== undefined) unload(last);
    } catch (error) {
      const attempts = failing?.version === version ? failing.attempts + 1 : 1;
      const waitMs = Math.min(intervalMs * 2 ** attempts, longestRetryMs);
      failing = { version, attempts, retryAt: Date.now() + waitMs };
      logger.error('a model version cannot be served; it is tried again later', {
        version,
        serving: loaded?.served.version,
        attempts,
        waitMs,
        error,
      });
    }
  }

  async function look(): Promise<void> {
    const found = await readAlias();
    if (found === undefined || found.version === loaded?.served.version) return;
    if (failing?.version === found.version && Date.now() < failing.retryAt) return;
    await changeOver(found.version, promotionTime(found));
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
      await looking;
      if (loaded !== undefined) unload(loaded);
      loaded = undefined;
      await Promise.all(unloading);
    },
  };
}
