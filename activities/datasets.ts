import type { ManifestRef, PreparedRef, Ref } from '../contracts/refs';
import type { IngestResult, PreprocessResult } from '../contracts/results';
import type { Preprocessing } from '../contracts/schemas/preprocessing';
import { stageInputSchemas, type StageInputs } from '../contracts/schemas/inputs';
import { ingestResultSchema, preprocessResultSchema } from '../contracts/schemas/results';
import { stageVersions } from '../contracts/stages';
import { ingestSource } from '../lib/data/ingest';
import { latestPrepared, rememberPrepared } from '../lib/data/latest-prepared';
import { finishPreparation, planPreparation, prepareShard } from '../lib/data/preparation';
import { openSource } from '../lib/data/sources/open-source';
import type { Memo } from '../lib/memo/memo';
import { memoKey } from '../lib/memo/memo';
import type { Store } from '../lib/storage/store';
import { parseInput } from './input';
import { withHeartbeat } from './heartbeat';

/** A stage before its work: its input as understood, its memo key, and its result where that is known. */
export interface IngestPlan {
  readonly input: StageInputs['ingest'];
  readonly key: string;
  readonly kept?: IngestResult;
}

/** Some hundred pictures: what one activity prepares, and one shard file holds. */
export interface Shard {
  readonly first: number;
  readonly count: number;
}

export interface PreprocessPlan {
  readonly input: StageInputs['preprocess'];
  readonly key: string;
  readonly shards: readonly Shard[];
  readonly kept?: PreprocessResult;
}

export interface ShardInput {
  readonly manifest: ManifestRef;
  readonly key: string;
  readonly preprocessing: Preprocessing;
  readonly shard: Shard;
}

interface Dependencies {
  readonly store: Store;
  readonly memo: Memo;
  readonly project: string;
  /** Folders that sources may lie in. */
  readonly allowedRoots: readonly string[];
}

/** From a source to a prepared set. */
export function createDatasetActivities({ store, memo, project, allowedRoots }: Dependencies) {
  return {
    async planIngest(given: unknown): Promise<IngestPlan> {
      return withHeartbeat(async () => {
        const input = parseInput(stageInputSchemas.ingest, given, 'ingest');
        const source = await openSource(input.source.uri, { project, allowedRoots });
        const key = memoKey({
          stage: 'ingest',
          version: stageVersions.ingest,
          inputs: { ...input, fingerprint: await source.fingerprint() },
        });
        const kept = await memo.lookUp('ingest', key, ingestResultSchema);
        return { input, key, ...(kept && { kept }) };
      });
    },

    async ingestSource({ input, key }: IngestPlan): Promise<IngestResult> {
      const source = await openSource(input.source.uri, { project, allowedRoots });
      const ingested = await withHeartbeat<Awaited<ReturnType<typeof ingestSource>>>((onProgress, signal) =>
        ingestSource({ source, name: input.name, split: input.split, store, onProgress, signal }),
      );
      const result: IngestResult = {
        manifest: ingested.manifest,
        pictures: ingested.pictures,
        classes: [...ingested.classes],
        perSplit: ingested.perSplit,
        rejected: ingested.rejected.length,
      };
      await memo.record('ingest', key, result);
      return result;
    },

    async planPreprocess(given: unknown): Promise<PreprocessPlan> {
      return withHeartbeat(async () => {
        const input = parseInput(stageInputSchemas.preprocess, given, 'preprocess');
        const { key, shards } = await planPreparation({
          store,
          manifest: input.manifest,
          preprocessing: input.preprocess,
        });
        const kept = await memo.lookUp('preprocess', key, preprocessResultSchema);
        return { input, key, shards, ...(kept && { kept }) };
      });
    },

    async prepareShard(input: ShardInput): Promise<Ref<'shard-part'>> {
      return withHeartbeat<Ref<'shard-part'>>((onProgress, signal) =>
        prepareShard({ store, ...input, onProgress, signal }),
      );
    },

    async finishPreprocess({
      plan,
      parts,
    }: {
      plan: PreprocessPlan;
      parts: readonly Ref<'shard-part'>[];
    }): Promise<PreprocessResult> {
      return withHeartbeat(async () => {
        const { name, manifest, preprocess } = plan.input;
        const { prepared, pictures, rejected } = await finishPreparation({
          store,
          name,
          manifest,
          key: plan.key,
          preprocessing: preprocess,
          parts,
        });
        const result: PreprocessResult = { prepared, pictures, rejected };
        await memo.record('preprocess', plan.key, result);
        return result;
      });
    },

    /** The prepared set that a sweep or training stands on where none is named. */
    async latestPrepared(): Promise<PreparedRef | undefined> {
      return latestPrepared(store);
    },

    async rememberPrepared(prepared: PreparedRef): Promise<void> {
      await rememberPrepared(store, prepared);
    },
  };
}
