import { executeChild } from '@temporalio/workflow';
import type { ManifestRef, PreparedRef } from '../contracts/refs';
import type { IngestResult, PreprocessResult } from '../contracts/results';
import type { DatasetConfig } from '../contracts/schemas/pipeline';
import type { Preprocessing } from '../contracts/schemas/preprocessing';
import { planning, quick } from './activities';
import { ingest } from './ingest';
import { preprocess } from './preprocess';
import { sharedStage } from './shared-stage';

type OnChild = (workflowId: string) => void;

const unseen: OnChild = () => undefined;

/** The dataset version of a configuration's source. */
export async function ingestOnce(
  { name, source, split, validate }: DatasetConfig,
  onChild: OnChild = unseen,
): Promise<{ result: IngestResult; kept: boolean }> {
  const input = { name, source, split, validate };
  return sharedStage({
    stage: 'ingest',
    plan: () => planning.planIngest(input),
    compute: (workflowId) =>
      executeChild(ingest, {
        workflowId,
        args: [input],
        staticSummary: `${source.uri} → ${name}`.slice(0, 200),
      }),
    onChild,
  });
}

/** The prepared set of a dataset version under one preprocessing. */
export async function preprocessOnce(
  name: string,
  manifest: ManifestRef,
  preprocessing: Preprocessing,
  onChild: OnChild = unseen,
): Promise<{ result: PreprocessResult; kept: boolean }> {
  const input = { name, manifest, preprocess: preprocessing };
  return sharedStage({
    stage: 'preprocess',
    plan: () => planning.planPreprocess(input),
    compute: (workflowId) =>
      executeChild(preprocess, {
        workflowId,
        args: [input],
        staticSummary: `${name}, ${preprocessing.size} × ${preprocessing.size}, ${preprocessing.color}`,
      }),
    onChild,
  });
}

/**
 * What a sweep or training stands on: the set it was given, else the last pipeline's, else that of
 * `configs/pipeline.yaml`, which is the sample's where nobody changed it.
 */
export async function preparedToUse(given: PreparedRef | undefined): Promise<PreparedRef> {
  const known = given ?? (await quick.latestPrepared());
  if (known) return known;
  const { config } = await quick.resolvePipeline(undefined);
  const { result: dataset } = await ingestOnce(config);
  const { result } = await preprocessOnce(config.name, dataset.manifest, config.preprocess);
  await quick.rememberPrepared(result.prepared);
  return result.prepared;
}
