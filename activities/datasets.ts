import { randomUUID } from 'node:crypto';
import type { ManifestRef, PreparedRef, Ref } from '../contracts/refs';
import type { IngestResult, PreprocessResult } from '../contracts/results';
import { stageInputSchemas, type StageInputs } from '../contracts/schemas/inputs';
import type { Preprocessing } from '../contracts/schemas/preprocessing';
import { ingestResultSchema, preprocessResultSchema } from '../contracts/schemas/results';
import { stageVersions } from '../contracts/stages';
import { digestOfAdditions, readAdditions } from '../lib/data/additions';
import { collectSource, readFiles, type FilesRef } from '../lib/data/collect';
import { examineChunk, examinerVersion, planExamination, type Chunk } from '../lib/data/examine';
import { finishIngest, ingestSource, type SourceWords } from '../lib/data/ingest';
import { readHistory, recordVersion } from '../lib/data/history';
import { latestPrepared, rememberPrepared } from '../lib/data/latest-prepared';
import {
  finishPreparation,
  planPreparation,
  preparationKey,
  prepareChunk,
  prepareRange,
} from '../lib/data/preparation';
import { forgetAfter } from '../lib/data/sources/forget-after';
import { openSource } from '../lib/data/sources/open-source';
import type { Source, SourceOptions } from '../lib/data/sources/source';
import { duringWork } from '../lib/data/under-way';
import type { Memo } from '../lib/memo/memo';
import { memoKey } from '../lib/memo/memo';
import type { Store } from '../lib/storage/store';
import { announceWork, takeBackWork } from './announcing';
import { withHeartbeat } from './heartbeat';
import { parseInput } from './input';

/** A stage before its work: its input as understood, its memo key, and its result where that is known. */
export interface IngestPlan {
  readonly input: StageInputs['ingest'];
  readonly key: string;
  readonly kept?: IngestResult;
  /** Nobody can tell whether the source has changed: it is read each time, and the key is of this plan alone. */
  readonly untold?: true;
  /** Missing in histories of version 0.1.0, where one activity did it all. */
  readonly inParts?: true;
  /** The digest of what reviews have added to the dataset, which is part of the key; missing where that is nothing. */
  readonly additions?: string;
}

/** What a source held, and the pictures of it that nobody has examined yet. */
export interface Collection {
  readonly files: FilesRef;
  readonly chunks: readonly Chunk[];
  readonly source: SourceWords;
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
  async function additionsOf(name: string): Promise<{ readonly additions?: string }> {
    const additions = digestOfAdditions(await readAdditions(store, name));
    return additions === undefined ? {} : { additions };
  }

  async function lookAt(input: StageInputs['ingest'], source: Source): Promise<IngestPlan> {
    const fingerprint = await source.fingerprint();
    const added = await additionsOf(input.name);
    const key = memoKey({
      stage: 'ingest',
      version: stageVersions.ingest,
      inputs: { ...input, ...added, examiner: examinerVersion, fingerprint: fingerprint ?? randomUUID() },
    });
    if (fingerprint === undefined) return { input, key, inParts: true, untold: true, ...added };
    const kept = await memo.lookUp('ingest', key, ingestResultSchema);
    return { input, key, inParts: true, ...added, ...(kept && { kept }) };
  }

  async function newestOf(name: string): Promise<string | undefined> {
    return (await readHistory(store, name)).at(-1)?.version;
  }

  /**
   * A source that has gone back to what it was: its version is there, and is the newest again, unless it is cleaned away just now, or
   * reviewed labels have come since it was planned: then the ingest is done, and takes them in.
   */
  async function againNewest({ kept: _kept, ...plan }: IngestPlan): Promise<IngestPlan> {
    const { input, key, additions } = plan;
    const { name, source } = input;
    return duringWork(store, `again-${key}`, async () => {
      const newest = await newestOf(name);
      const isSame = (await additionsOf(name)).additions === additions;
      const kept = isSame ? await memo.lookUp('ingest', key, ingestResultSchema) : undefined;
      const isNewest =
        kept !== undefined &&
        (await recordVersion(store, name, newest, {
          ...{ version: kept.manifest.sha256, manifest: kept.manifest, at: new Date().toISOString() },
          ...{ source: source.uri, pictures: kept.pictures },
          ...{ classes: kept.classes.length, dropped: kept.rejected },
        }));
      if (isNewest) return { ...plan, kept };
      await announceWork(store);
      return plan;
    });
  }

  return {
    async planIngest(given: unknown): Promise<IngestPlan> {
      return withHeartbeat(async (onProgress, signal) => {
        const input = parseInput(stageInputSchemas.ingest, given, 'ingest');
        const plan = await lookAt(input, await openSource(input.source, { ...sources, onProgress, signal }));
        if (plan.kept === undefined) {
          await announceWork(store);
          return plan;
        }
        // An earlier attempt may have announced it, before another workflow came to the same result.
        await takeBackWork(store);
        const isNewest = (await newestOf(plan.input.name)) === plan.kept.manifest.sha256;
        return isNewest ? plan : againNewest(plan);
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
        // Here, where it was brought: what comes next may be done on another machine.
        return forgetAfter(source, async () => {
          const files = await collectSource({ store, name, key, source, onProgress, signal });
          const chunks = await planExamination(store, name, await readFiles(store, files));
          const { uri, labelled, licences } = source;
          return { files, chunks, source: { uri, labelled, licences } };
        });
      });
    },

    async examineChunk(input: { readonly name: string; readonly chunk: Chunk['chunk'] }): Promise<void> {
      await withHeartbeat((onProgress, signal) => examineChunk({ store, ...input, onProgress, signal }));
    },

    async finishIngest({
      plan,
      files,
      source,
    }: { readonly plan: IngestPlan } & Omit<Collection, 'chunks'>): Promise<IngestResult> {
      return withHeartbeat(async () => {
        const { input: dataset, key } = plan;
        const at = new Date().toISOString();
        const result = await finishIngest({ store, source, dataset, key, files, at });
        // What was added meanwhile is in the result, and not in the key.
        const isSame = (await additionsOf(dataset.name)).additions === plan.additions;
        // What could not be read may be there the next time, though nothing else tells of it.
        const isWhole = (await readFiles(store, files)).every(({ problem }) => problem?.kind !== 'damaged');
        if (plan.untold !== true && isSame && isWhole) await memo.record('ingest', key, result);
        await takeBackWork(store);
        return result;
      });
    },

    /** Takes back what the workflow's plan announced, where the work came to nothing. */
    async abandonWork(): Promise<void> {
      await takeBackWork(store);
    },

    /** All of an ingest at once, for histories that began under version 0.1.0. */
    async ingestSource({ input: dataset, key }: IngestPlan): Promise<IngestResult> {
      return withHeartbeat<IngestResult>(async (onProgress, signal) => {
        const source = await openSource(dataset.source, { ...sources, onProgress, signal });
        const at = new Date().toISOString();
        const result = await forgetAfter(source, () =>
          ingestSource({ store, source, dataset, key, at, onProgress, signal }),
        );
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
        if (kept !== undefined) {
          await takeBackWork(store);
          return { input, key, pictures: kept.pictures, chunks: [], kept };
        }
        await announceWork(store);
        try {
          return { input, key, ...(await planPreparation({ store, name, manifest, preprocessing })) };
        } catch (error) {
          await takeBackWork(store);
          throw error;
        }
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
        await takeBackWork(store);
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
