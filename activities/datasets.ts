import { randomUUID } from 'node:crypto';
import type { ManifestRef, PreparedRef, Ref } from '../contracts/refs';
import type { IngestResult, PreprocessResult } from '../contracts/results';
import { stageInputSchemas, type StageInputs } from '../contracts/schemas/inputs';
import type { Preprocessing } from '../contracts/schemas/preprocessing';
import { ingestResultSchema, preprocessResultSchema } from '../contracts/schemas/results';
import { stageVersions } from '../contracts/stages';
import { collectSource, readFiles, type FilesRef } from '../lib/data/collect';
import { examineChunk, examinerVersion, planExamination, type Chunk } from '../lib/data/examine';
import { finishIngest, ingestSource } from '../lib/data/ingest';
import { latestPrepared, rememberPrepared } from '../lib/data/latest-prepared';
import {
  finishPreparation,
  planPreparation,
  preparationKey,
  prepareChunk,
  prepareRange,
} from '../lib/data/preparation';
import { openSource } from '../lib/data/sources/open-source';
import type { Source, SourceOptions } from '../lib/data/sources/source';
import { beginWork, endWork } from '../lib/data/under-way';
import type { Memo } from '../lib/memo/memo';
import { memoKey } from '../lib/memo/memo';
import type { Store } from '../lib/storage/store';
import { withHeartbeat } from './heartbeat';
import { parseInput } from './input';

/** A stage before its work: its input as understood, its memo key, and its result where that is known. */
export interface IngestPlan {
  readonly input: StageInputs['ingest'];
  readonly key: string;
  readonly kept?: IngestResult;
  /** Missing in histories of version 0.1.0, where one activity did it all. */
  readonly inParts?: true;
}

/** What a source held, and the pictures of it that nobody has examined yet. */
export interface Collection {
  readonly files: FilesRef;
  readonly chunks: readonly Chunk[];
}

/** A range of a dataset version's pictures: what version 0.1.0 divided the preparation into. */
export interface Shard {
  readonly first: number;
  readonly count: number;
}

export interface PreprocessPlan {
  readonly input: StageInputs['preprocess'];
  readonly key: string;
  /** Pictures in all, prepared before or not; missing in histories of version 0.1.0, as `chunks` is. */
  readonly pictures?: number;
  readonly chunks?: readonly Chunk[];
  readonly shards?: readonly Shard[];
  readonly kept?: PreprocessResult;
}

export interface PrepareInput {
  readonly name: string;
  readonly preprocessing: Preprocessing;
  readonly chunk: Chunk['chunk'];
}

interface ShardInput {
  readonly manifest: ManifestRef;
  readonly preprocessing: Preprocessing;
  readonly shard: Shard;
}

interface Dependencies {
  readonly store: Store;
  readonly memo: Memo;
  /** What sources may touch. */
  readonly sources: Omit<SourceOptions, 'onProgress' | 'signal'>;
}

/** From a source to a prepared set. */
export function createDatasetActivities({ store, memo, sources }: Dependencies) {
  async function lookAt(input: StageInputs['ingest'], source: Source): Promise<IngestPlan> {
    const key = memoKey({
      stage: 'ingest',
      version: stageVersions.ingest,
      // A source of which nobody can tell whether it has changed is read each time.
      inputs: {
        ...input,
        examiner: examinerVersion,
        fingerprint: (await source.fingerprint()) ?? randomUUID(),
      },
    });
    const kept = await memo.lookUp('ingest', key, ingestResultSchema);
    return { input, key, inParts: true, ...(kept && { kept }) };
  }

  return {
    async planIngest(given: unknown): Promise<IngestPlan> {
      return withHeartbeat(async (onProgress, signal) => {
        const input = parseInput(stageInputSchemas.ingest, given, 'ingest');
        const plan = await lookAt(input, await openSource(input.source, { ...sources, onProgress, signal }));
        if (plan.kept === undefined) await beginWork(store, plan.key);
        return plan;
      });
    },

    /** What a source is now: the memo key of its ingest, and the result where that is known. Begins nothing. */
    async lookAtSource(given: unknown): Promise<IngestPlan> {
      return withHeartbeat(async (onProgress, signal) => {
        const input = parseInput(stageInputSchemas.ingest, given, 'ingest');
        return lookAt(input, await openSource(input.source, { ...sources, onProgress, signal }));
      });
    },

    async collectSource({ input, key }: IngestPlan): Promise<Collection> {
      return withHeartbeat<Collection>(async (onProgress, signal) => {
        const source = await openSource(input.source, { ...sources, onProgress, signal });
        const { name } = input;
        const files = await collectSource({ store, name, key, source, onProgress, signal });
        return { files, chunks: await planExamination(store, name, await readFiles(store, files)) };
      });
    },

    async examineChunk(input: { readonly name: string; readonly chunk: Chunk['chunk'] }): Promise<void> {
      await withHeartbeat((onProgress, signal) => examineChunk({ store, ...input, onProgress, signal }));
    },

    async finishIngest({ plan, files }: { plan: IngestPlan; files: FilesRef }): Promise<IngestResult> {
      return withHeartbeat(async () => {
        const { input: dataset, key } = plan;
        const source = await openSource(dataset.source, sources);
        const at = new Date().toISOString();
        const result = await finishIngest({ store, source, dataset, key, files, at });
        await memo.record('ingest', key, result);
        await source.forget?.();
        await endWork(store, key);
        return result;
      });
    },

    /** Takes back what {@link planIngest} announced, where the ingest came to nothing. */
    async abandonWork(key: string): Promise<void> {
      await endWork(store, key);
    },

    /** All of an ingest at once, for histories that began under version 0.1.0. */
    async ingestSource({ input: dataset, key }: IngestPlan): Promise<IngestResult> {
      return withHeartbeat<IngestResult>(async (onProgress, signal) => {
        const source = await openSource(dataset.source, { ...sources, onProgress, signal });
        const at = new Date().toISOString();
        const result = await ingestSource({ store, source, dataset, key, at, onProgress, signal });
        await memo.record('ingest', key, result);
        return result;
      });
    },

    async planPreprocess(given: unknown): Promise<PreprocessPlan> {
      return withHeartbeat(async () => {
        const input = parseInput(stageInputSchemas.preprocess, given, 'preprocess');
        const { name, manifest, preprocess: preprocessing } = input;
        const key = preparationKey(manifest, preprocessing);
        const kept = await memo.lookUp('preprocess', key, preprocessResultSchema);
        if (kept !== undefined) return { input, key, pictures: kept.pictures, chunks: [], kept };
        await beginWork(store, key);
        return { input, key, ...(await planPreparation({ store, name, manifest, preprocessing })) };
      });
    },

    async prepareChunk(input: PrepareInput): Promise<void> {
      await withHeartbeat<Ref<'part'>>((onProgress, signal) =>
        prepareChunk({ store, ...input, onProgress, signal }),
      );
    },

    /** A range of the pictures, for histories that began under version 0.1.0. */
    async prepareShard({ manifest, preprocessing, shard }: ShardInput): Promise<Ref<'part'>> {
      return withHeartbeat<Ref<'part'>>((onProgress, signal) =>
        prepareRange({ store, manifest, preprocessing, ...shard, onProgress, signal }),
      );
    },

    async finishPreprocess({ plan }: { readonly plan: PreprocessPlan }): Promise<PreprocessResult> {
      return withHeartbeat(async () => {
        const { name, manifest, preprocess: preprocessing } = plan.input;
        const result = await finishPreparation({ store, name, manifest, key: plan.key, preprocessing });
        await memo.record('preprocess', plan.key, result);
        await endWork(store, plan.key);
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
