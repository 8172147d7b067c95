import { championAlias } from '../contracts/names';
import { manifestEntrySchema } from '../contracts/schemas/documents';
import type { ModelVersion } from '../contracts/schemas/registry';
import { evaluationSchema, type Evaluation, type Prediction } from '../contracts/schemas/evaluation';
import { readPredictions } from '../lib/evaluation/predictions';
import type { Registry } from '../lib/registry/registry';
import { blobKey, readJson, readRef } from '../lib/storage/refs';
import type { Store } from '../lib/storage/store';

/** The model that the API answers with, and its figures on the test set. */
export interface Champion {
  readonly version: ModelVersion;
  readonly evaluation: Evaluation;
}

/** @returns undefined where no version has become champion yet. */
export async function readChampion(
  store: Store,
  registry: Registry,
  model: string,
): Promise<Champion | undefined> {
  const found = await registry.alias(model, championAlias);
  if (!found) return undefined;
  const version = await registry.get(model, found.alias.version);
  return { version, evaluation: await readJson(store, version.evaluation, evaluationSchema) };
}

/** A picture that the champion never saw in training. */
export interface ExamplePicture {
  readonly label: string;
  /** `.png`, as its source had it. */
  readonly extension: string;
  readonly bytes: Buffer;
}

/**
 * A held-out picture of the champion's dataset, of cats where there are any: the first that it answers rightly, where its evaluation says
 * so. What people try first is to show them what an answer looks like; how often it is wrong stands in the figures above it.
 */
export async function examplePicture(store: Store, champion: Champion): Promise<ExamplePicture | undefined> {
  const manifest = await readRef(store, champion.version.lineage.manifest);
  const test = manifest
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => manifestEntrySchema.parse(JSON.parse(line)))
    .filter((entry) => entry.split === 'test');
  const cats = test.filter(({ label }) => label === 'cat');
  const candidates = cats.length > 0 ? cats : test;
  const right = await answeredRightly(store, champion);
  const entry = candidates.find(({ sha256 }) => right.has(sha256)) ?? candidates[0];
  if (!entry) return undefined;
  return {
    label: entry.label,
    extension: /\.[a-z]{3,4}$/i.exec(entry.path)?.[0].toLowerCase() ?? '.png',
    bytes: await store.read(blobKey(entry.sha256)),
  };
}

async function answeredRightly(store: Store, { evaluation }: Champion): Promise<ReadonlySet<string>> {
  const { predictions } = evaluation;
  const all = predictions === null ? [] : await readPredictions(store, predictions);
  const isRight = ({ truth, probabilities }: Prediction): boolean =>
    probabilities[truth] === Math.max(...probabilities);
  return new Set(all.filter(isRight).map(({ picture }) => picture));
}
