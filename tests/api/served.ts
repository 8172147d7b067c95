import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import sharp from 'sharp';
import { createEngine, type Engine } from '../../api/engine/engine';
import { followAlias, type FollowedModel } from '../../api/models/follow-alias';
import type { LocalCopy } from '../../api/models/local-copy';
import type { ModelVersion } from '../../contracts/schemas/registry';
import { createLogger, type Logger } from '../../lib/logging/logger';
import { createRegistry, type Registry } from '../../lib/registry/registry';
import { createFolderStore } from '../../lib/storage/folder-store';
import { putRef, sha256 } from '../../lib/storage/refs';
import type { Store } from '../../lib/storage/store';
import { colorPreprocessing } from './color-model';

/** A picture of one color, as a file. */
export async function picture(background: string, format: 'png' | 'jpeg' | 'webp' = 'png'): Promise<Buffer> {
  const canvas = sharp({ create: { width: 20, height: 12, channels: 3, background } });
  return canvas.toFormat(format).toBuffer();
}

/** A logger whose lines can be read back. */
export function listeningLogger(): { logger: Logger; lines: () => Record<string, any>[] } {
  const destination = new PassThrough({ highWaterMark: 64 * 1024 * 1024 });
  const seen: Record<string, any>[] = [];
  return {
    logger: createLogger({ level: 'debug', service: 'api', destination }),
    lines() {
      const text = String(destination.read() ?? '');
      for (const line of text.split('\n')) if (line !== '') seen.push(JSON.parse(line));
      return seen;
    },
  };
}

export const modelName = 'colors';
export const alias = 'champion';

export interface ServedRegistry {
  readonly store: Store;
  readonly registry: Registry;
  /** Whose threads answer. */
  readonly engine: Engine;
  /** Registers a model of these bytes and gives its version. */
  register(onnx: Uint8Array, classes: readonly string[]): Promise<ModelVersion>;
  /** @param to - an alias; the champion's where it is left out */
  promote(version: number, to?: string): Promise<void>;
  follow(options?: {
    store?: Store;
    intervalMs?: number;
    logger?: Logger;
    alias?: string;
    copy?: LocalCopy;
    leaves?: boolean;
    patienceMs?: number;
  }): FollowedModel;
  close(): Promise<void>;
}

/** A real registry in a folder of its own, and what follows it. */
export async function openServedRegistry(): Promise<ServedRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-api-'));
  const store = createFolderStore(folder);
  const registry = createRegistry(store);
  const followed: FollowedModel[] = [];
  const engine = createEngine({ logger: listeningLogger().logger, threads: 2 });
  let runs = 0;
  return {
    store,
    registry,
    engine,
    async register(onnx, classes) {
      runs += 1;
      const run = `run-${runs}`;
      const put = async (file: string, bytes: Uint8Array) => putRef<any>(store, `runs/${run}/${file}`, bytes);
      const nothing = { uri: 'store://nothing', sha256: sha256('') };
      return registry.register({
        name: modelName,
        model: {
          classes: [...classes],
          preprocessing: colorPreprocessing,
          layers: await put('model.json', Buffer.from('{}')),
          weights: await put('weights.bin', Buffer.from('weights')),
          onnx: await put('model.onnx', onnx),
          parity: { maxDifference: 0, pictures: 1 },
        },
        lineage: { run, result: nothing, prepared: nothing, manifest: nothing },
        evaluation: nothing,
        metrics: { accuracy: 0.75, loss: 0.5, pictures: 40 },
      });
    },
    async promote(version, to = alias) {
      const expected = (await registry.alias(modelName, to))?.generation;
      await registry.moveAlias(modelName, to, {
        version,
        expected,
        by: 'test',
        reason: `move ${Math.random()}`,
      });
    },
    follow({
      store: seen = store,
      intervalMs = 20,
      logger = listeningLogger().logger,
      alias: wanted = alias,
      copy,
      leaves = false,
      patienceMs = 2000,
    } = {}) {
      const models = followAlias({
        store: seen,
        engine,
        registry: createRegistry(seen),
        name: modelName,
        alias: wanted,
        copy,
        leaves,
        patienceMs,
        intervalMs,
        logger,
      });
      followed.push(models);
      return models;
    },
    async close() {
      await Promise.all(followed.map((models) => models.close()));
      await engine.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Waits until something holds. What never comes is waited for no longer than a test may take: a wait without end outlives its test. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const late = Date.now() + 15_000;
  while (!(await holds())) {
    if (Date.now() > late) throw new Error('What was waited for did not come.');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
