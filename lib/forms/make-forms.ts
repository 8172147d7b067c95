import { availableParallelism, cpus } from 'node:os';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ActivityProgress } from '../../contracts/progress';
import { storeUri, type FormsRef, type PreparedRef, type Ref } from '../../contracts/refs';
import type { TrainedModel } from '../../contracts/schemas/documents';
import { formNames, type FormName } from '../../contracts/schemas/form-names';
import { formsSchema, type ExportRules, type Forms } from '../../contracts/schemas/forms';
import { stageVersions } from '../../contracts/stages';
import { openPrepared } from '../data/prepared-set';
import { fold } from '../model/onnx/fold';
import { decodeModel, encodeModel } from '../model/onnx/schema';
import { canonicalJson } from '../storage/canonical-json';
import { digestOf, parseDocument, putRef, readRef, sha256 } from '../storage/refs';
import type { Store } from '../storage/store';
import { activationsOf } from './activations';
import { rangesOf } from './calibrate';
import { chooseForm, type Measured } from './choose';
import { halve } from './halve';
import { measureForms } from './measure';
import { quantise } from './quantise';

const gzipped = promisify(gzip);

export interface FormsRequest {
  readonly store: Store;
  /** As its run ended: `onnx` is the float32 form. */
  readonly model: TrainedModel;
  readonly prepared: PreparedRef;
  readonly rules: ExportRules;
  readonly onProgress?: (progress: ActivityProgress) => void;
  readonly signal?: AbortSignal;
}

export interface MadeForms {
  readonly ref: FormsRef;
  readonly forms: Forms;
}

/**
 * Makes the forms of a model that are asked for, compares them on the validation pictures, and chooses the one to serve. They lie in
 * `forms/`, under a key of all that they are made from: asked for again, they are read and not made. Where two make
 * them at once, the first one's figures stand for both.
 *
 * @throws Failure `not-found`, `digest-mismatch`; the signal's reason where it was aborted.
 */
export async function makeForms(request: FormsRequest): Promise<MadeForms> {
  const { store, model, prepared, rules } = request;
  const inputs = {
    revision: stageVersions.forms,
    onnx: model.onnx.sha256,
    prepared: prepared.sha256,
    rules,
  };
  const folder = `forms/${digestOf(inputs).slice(0, 16)}`;
  const key = `${folder}/forms.json`;
  const kept = await readKept(store, key);
  if (kept) return kept;

  const set = await openPrepared(store, prepared);
  const plain = await readRef(store, model.onnx);
  // Runs of before 0.2.0 ended with graphs that were not.
  const graph = fold(decodeModel(plain));
  const others = formNames.filter((name) => name !== 'float32' && rules.forms.includes(name));
  const validation = await set.load('validation');
  const calibrating = others.includes('int8') ? Math.min(rules.calibration, set.count('train')) : 0;
  const total = calibrating + (1 + others.length) * validation.count;
  let done = 0;
  const onPictures = (count: number): void => {
    done += count;
    request.onProgress?.({ done, total, unit: 'pictures' });
  };

  const files = new Map<FormName, Uint8Array>([['float32', plain]]);
  if (others.includes('float16')) files.set('float16', encodeModel(halve(graph)));
  if (others.includes('int8')) {
    const ranges = await rangesOf({
      graph,
      names: [...new Set(activationsOf(graph).map(({ scaleOf }) => scaleOf))],
      ...(await set.loadSome('train', spread(set.count('train'), calibrating))),
      onPictures,
      signal: request.signal,
    });
    files.set('int8', encodeModel(quantise(graph, ranges)));
  }
  const figures = await measureForms([...files.values()], validation, onPictures, request.signal);
  const measured: Measured[] = [];
  for (const [at, [form, bytes]] of [...files].entries()) {
    const own = figures[at];
    if (!own) throw new Error(`${form} was not measured`);
    const isPlain = form === 'float32';
    const ref = isPlain ? model.onnx : await putRef<'onnx'>(store, `${folder}/${form}.onnx`, bytes);
    measured.push({ form, model: ref, bytes: bytes.length, gzipped: (await gzipped(bytes)).length, ...own });
  }
  const { chosen, forms: judged } = chooseForm(measured, rules);
  const forms: Forms = {
    of: model.onnx,
    prepared,
    rules,
    pictures: validation.count,
    forms: [...judged],
    chosen,
    machine: `${cpus()[0]?.model.trim() ?? process.arch}, ${availableParallelism()} cores`,
  };
  await store.create(key, Buffer.from(canonicalJson(forms)));
  const written = await readKept(store, key);
  if (!written) throw new Error(`${key} vanished from the store as it was written.`);
  return written;
}

/** So many places, evenly from all of them: neighbours in a prepared set are of one class. */
function spread(count: number, many: number): number[] {
  return Array.from({ length: many }, (_, at) => Math.floor((at * count) / many));
}

async function readKept(store: Store, key: string): Promise<MadeForms | undefined> {
  const found = await store.readVersioned(key);
  if (!found) return undefined;
  return {
    ref: { uri: storeUri(key), sha256: sha256(found.bytes) },
    forms: parseDocument(found.bytes, formsSchema, key),
  };
}

/** The model as it is served in its chosen form. */
export function inChosenForm(model: TrainedModel, { forms, chosen }: Forms): TrainedModel {
  const form = forms.find((one) => one.form === chosen);
  return form && chosen !== 'float32' ? { ...model, onnx: form.model, form: chosen } : model;
}

/** The forms that may be served, and are not. */
export function keptBeside({
  forms,
  chosen,
}: Forms): readonly { readonly name: FormName; readonly ref: Ref<'onnx'> }[] {
  return forms.flatMap(({ form, kept, model }) =>
    kept && form !== chosen ? [{ name: form, ref: model }] : [],
  );
}
