import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../contracts/failures';
import type { Ref } from '../../contracts/refs';
import type { TrainedModel } from '../../contracts/schemas/documents';
import { modelNumbersSchema, modelVersionSchema, type ModelVersion } from '../../contracts/schemas/registry';
import { canonicalJson } from '../storage/canonical-json';
import { parseDocument, putRef, readRef } from '../storage/refs';
import type { Store } from '../storage/store';
import { modelCard } from './card';
import { modelsPrefix, numbersKey, parseVersionKey, versionKey, versionPrefix, versionsPrefix } from './keys';

/** What is to be registered. Its number, its date and its own copies of the model's files come by registering. */
export interface ModelDraft extends Omit<ModelVersion, 'version' | 'createdAt'> {
  /** Markdown that ends the card: licences and credits of the pictures, then sections of the caller's own. */
  readonly notes?: string;
}

const longestWaitMs = 200;

/**
 * The number of a run's model. The list of runs is the only record of numbers, and grows by compare-and-swap:
 * so a number is never given twice, a run never gets two, and none is lost by being killed in between.
 */
async function reserveNumber(store: Store, name: string, run: string): Promise<number> {
  const key = numbersKey(name);
  for (;;) {
    const found = await store.readVersioned(key);
    const runs = found === undefined ? [] : parseDocument(found.bytes, modelNumbersSchema, key).runs;
    const index = runs.indexOf(run);
    if (index >= 0) return index + 1;
    const next = Buffer.from(canonicalJson({ runs: [...runs, run] }));
    if ((await store.compareAndSwap(key, next, found?.generation)) !== undefined) return runs.length + 1;
    // Another run was numbered meanwhile, so all together always get on; waiting only saves requests.
    await sleep(Math.random() * longestWaitMs);
  }
}

async function copyRef<Kind extends string>(store: Store, ref: Ref<Kind>, key: string): Promise<Ref<Kind>> {
  return putRef<Kind>(store, key, await readRef(store, ref));
}

async function copyForms(store: Store, model: TrainedModel, prefix: string): Promise<TrainedModel> {
  return {
    ...model,
    layers: await copyRef(store, model.layers, `${prefix}model.json`),
    weights: await copyRef(store, model.weights, `${prefix}weights.bin`),
    onnx: await copyRef(store, model.onnx, `${prefix}model.onnx`),
  };
}

async function findVersion(store: Store, name: string, version: number): Promise<ModelVersion | undefined> {
  const key = versionKey(name, version);
  const found = await store.readVersioned(key);
  return found && parseDocument(found.bytes, modelVersionSchema, key);
}

/** @throws Failure `not-found` */
export async function requireVersion(store: Store, name: string, version: number): Promise<ModelVersion> {
  const found = await findVersion(store, name, version);
  if (found !== undefined) return found;
  throw new Failure('not-found', `The model ${name} has no version ${version} in ${store.location}.`);
}

export async function registerVersion(
  store: Store,
  draft: ModelDraft,
  now: () => Date,
): Promise<ModelVersion> {
  const { notes, ...content } = draft;
  const version = await reserveNumber(store, draft.name, draft.lineage.run);
  const registered = await findVersion(store, draft.name, version);
  if (registered !== undefined) return registered;

  const prefix = versionPrefix(draft.name, version);
  const model = await copyForms(store, draft.model, prefix);
  const numbered = { ...content, model, version };
  await store.write(`${prefix}card.md`, Buffer.from(modelCard(numbered, notes)));
  // Last, and created: a version exists from here on, whole, and keeps the date of whoever was first.
  const complete: ModelVersion = { ...numbered, createdAt: now().toISOString() };
  const bytes = Buffer.from(canonicalJson(complete));
  parseDocument(bytes, modelVersionSchema, `the draft of ${draft.name}`);
  if (await store.create(versionKey(draft.name, version), bytes)) return complete;
  return requireVersion(store, draft.name, version);
}

/** Versions of one model, in their order; those of which only the number is reserved are not among them. */
export async function listVersions(store: Store, name: string): Promise<ModelVersion[]> {
  const numbers: number[] = [];
  for await (const key of store.list(versionsPrefix(name))) {
    const parsed = parseVersionKey(key);
    if (parsed !== undefined) numbers.push(parsed.version);
  }
  numbers.sort((a, b) => a - b);
  return Promise.all(numbers.map((version) => requireVersion(store, name, version)));
}

/** Names of the models with a version, sorted. */
export async function listModels(store: Store): Promise<string[]> {
  const names = new Set<string>();
  for await (const key of store.list(modelsPrefix)) {
    const parsed = parseVersionKey(key);
    if (parsed !== undefined) names.add(parsed.name);
  }
  return [...names].sort();
}
