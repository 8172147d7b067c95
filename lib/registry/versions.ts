import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../contracts/failures';
import type { Ref } from '../../contracts/refs';
import type { TrainedModel } from '../../contracts/schemas/documents';
import {
  modelNumbersSchema,
  modelVersionSchema,
  type ModelForm,
  type ModelVersion,
} from '../../contracts/schemas/registry';
import { canonicalJson } from '../storage/canonical-json';
import { parseDocument, putRef, readRef, requireStoreKey } from '../storage/refs';
import type { Store } from '../storage/store';
import { modelCard, type CardFigure } from './card';
import { modelsPrefix, numbersKey, parseVersionKey, versionKey, versionPrefix, versionsPrefix } from './keys';

/** What is to be registered. Its number, its date and its own copies of the model's files come by registering. */
export interface ModelDraft extends Omit<ModelVersion, 'version' | 'createdAt' | 'forms' | 'card'> {
  /** Forms beside those of `model`, such as `int8`; each is copied as `model.<name>.onnx`. */
  readonly otherForms?: readonly { readonly name: string; readonly ref: Ref }[];
  /** More figures for the card's `model-index`, by Hugging Face's names of metrics. */
  readonly figures?: readonly CardFigure[];
  /** Markdown that ends the card: licences and credits of the pictures, then sections of the caller's own. */
  readonly notes?: string;
}

const longestWaitMs = 200;
const readsAtOnce = 32;

/**
 * What has one number: a run's model in the form that is served. A run alone stands for its float32 form, as it has since
 * before there were others; in another form it is another model, with figures of its own.
 */
export function numberedAs({ model, lineage }: Pick<ModelVersion, 'model' | 'lineage'>): string {
  const { form = 'float32', onnx } = model;
  return form === 'float32' ? lineage.run : `${lineage.run}/${form}/${onnx.sha256}`;
}

/**
 * The number of a run's model. The list of runs is the only record of numbers, and grows by compare-and-swap:
 * so a number is never given twice, a run never gets two in one form, and none is lost by being killed in between.
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

async function formOf(store: Store, name: string, file: string, ref: Ref): Promise<ModelForm> {
  return { name, file, ref, bytes: (await store.size(requireStoreKey(ref))) ?? 0 };
}

/** The files of a version, each with its size; of versions that do not list them, those that every version has. */
export async function formsOf(store: Store, { model, forms }: Pick<ModelVersion, 'model' | 'forms'>) {
  return forms ?? usualForms(store, model);
}

function usualForms(store: Store, model: TrainedModel): Promise<ModelForm[]> {
  return Promise.all([
    formOf(store, 'onnx', 'model.onnx', model.onnx),
    formOf(store, 'layers', 'model.json', model.layers),
    formOf(store, 'weights', 'weights.bin', model.weights),
  ]);
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
  const { notes, otherForms = [], figures = [], ...content } = draft;
  const version = await reserveNumber(store, draft.name, numberedAs(draft));
  const registered = await findVersion(store, draft.name, version);
  if (registered !== undefined) return registered;

  const prefix = versionPrefix(draft.name, version);
  const model = await copyForms(store, draft.model, prefix);
  const forms = await usualForms(store, model);
  for (const { name, ref } of otherForms) {
    const file = `model.${name}.onnx`;
    forms.push(await formOf(store, name, file, await copyRef(store, ref, `${prefix}${file}`)));
  }
  const numbered = { ...content, model, version, forms };
  const card = await putRef<'card'>(
    store,
    `${prefix}card.md`,
    Buffer.from(modelCard(numbered, notes, figures)),
  );
  // Last, and created: a version exists from here on, whole, and keeps the date of whoever was first.
  const complete: ModelVersion = { ...numbered, card, createdAt: now().toISOString() };
  const bytes = Buffer.from(canonicalJson(complete));
  parseDocument(bytes, modelVersionSchema, `the draft of ${draft.name}`);
  if (await store.create(versionKey(draft.name, version), bytes)) return complete;
  return requireVersion(store, draft.name, version);
}

/** Numbers of one model's versions, in their order; those that are only reserved are not among them. */
export async function listNumbers(store: Store, name: string): Promise<number[]> {
  const numbers: number[] = [];
  for await (const key of store.list(versionsPrefix(name))) {
    const parsed = parseVersionKey(key);
    if (parsed !== undefined) numbers.push(parsed.version);
  }
  return numbers.sort((a, b) => a - b);
}

/** Versions of one model, in their order. */
export async function listVersions(store: Store, name: string): Promise<ModelVersion[]> {
  const numbers = await listNumbers(store, name);
  const versions: ModelVersion[] = [];
  for (let from = 0; from < numbers.length; from += readsAtOnce) {
    const some = numbers.slice(from, from + readsAtOnce);
    versions.push(...(await Promise.all(some.map((version) => requireVersion(store, name, version)))));
  }
  return versions;
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
