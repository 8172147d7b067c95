import { Failure } from '../../contracts/failures';
import type { ActivityProgress } from '../../contracts/progress';
import { storeUri, type EvaluationRef, type PreparedRef } from '../../contracts/refs';
import type { PreparedIndex, SplitName, TrainedModel } from '../../contracts/schemas/documents';
import { evaluationSchema, type Evaluation } from '../../contracts/schemas/evaluation';
import { stageVersions } from '../../contracts/stages';
import { openPrepared, type LoadedSplit } from '../data/prepared-set';
import { openClassifier } from '../inference/classifier';
import { canonicalJson } from '../storage/canonical-json';
import { digestOf, parseDocument, readRef, sha256 } from '../storage/refs';
import type { Store } from '../storage/store';
import {
  accuracy,
  argmax,
  baselineAccuracy,
  classFigures,
  confusionMatrix,
  logLoss,
  pictureCount,
  rightAnswers,
  wilsonInterval,
} from './metrics';

export interface EvaluationRequest {
  readonly store: Store;
  readonly model: TrainedModel;
  readonly prepared: PreparedRef;
  readonly split: SplitName;
  readonly onProgress?: (progress: ActivityProgress) => void;
  readonly signal?: AbortSignal;
}

export interface EvaluationResult {
  readonly ref: EvaluationRef;
  readonly evaluation: Evaluation;
}

/** Pictures between two reports of progress. */
const batchSize = 64;

/**
 * A model's figures on one split of a prepared set, by the ONNX form that is served. They are kept in
 * `evaluations/`, under a key made of the model, the prepared set and the split: asked for again, they are
 * read and not computed.
 *
 * @throws Failure `dataset-invalid`: the set has other classes or another preprocessing than the model, or no
 *   picture in this split; `digest-mismatch`, `not-found`. The signal's reason where it was aborted.
 */
export async function evaluateModel(request: EvaluationRequest): Promise<EvaluationResult> {
  const { store, model, split } = request;
  const set = await openPrepared(store, request.prepared);
  const classOf = matchClasses(model, set.index);
  const inputs = {
    revision: stageVersions.evaluate,
    onnx: model.onnx.sha256,
    prepared: request.prepared.sha256,
    split,
  };
  const key = `evaluations/${digestOf(inputs).slice(0, 16)}/evaluation.json`;

  const kept = await readKept(store, key);
  if (kept !== undefined) return kept;

  if (set.count(split) === 0) {
    throw new Failure(
      'dataset-invalid',
      `The prepared set ${request.prepared.uri} has no ${split} pictures.`,
    );
  }
  const pictures = await set.load(split);
  const truth = pictures.labels.map((label) => classOf[label] ?? -1);
  const probabilities = await classifyAll(request, pictures);
  const evaluation = {
    model: model.onnx,
    prepared: request.prepared,
    manifest: set.index.dataset.manifest,
    split,
    ...figures(model.classes, truth, probabilities),
  };
  // Where another process was faster, its figures stand: whoever asked has the same ref.
  await store.create(key, Buffer.from(canonicalJson(evaluation)));
  const written = await readKept(store, key);
  if (written === undefined) throw new Error(`${key} vanished from the store as it was written.`);
  return written;
}

async function readKept(store: Store, key: string): Promise<EvaluationResult | undefined> {
  const found = await store.readVersioned(key);
  if (found === undefined) return undefined;
  return {
    ref: { uri: storeUri(key), sha256: sha256(found.bytes) },
    evaluation: parseDocument(found.bytes, evaluationSchema, key),
  };
}

/** @returns for each label of the prepared set, the model's index of the class of that name. */
function matchClasses(model: TrainedModel, index: PreparedIndex): number[] {
  const only = (from: readonly string[], other: readonly string[]): string[] =>
    from.filter((name) => !other.includes(name));
  const unknown = only(index.classes, model.classes);
  const absent = only(model.classes, index.classes);
  if (unknown.length > 0 || absent.length > 0) {
    throw new Failure(
      'dataset-invalid',
      'The model and the prepared set have different classes' +
        (unknown.length > 0 ? `; only the set has ${listing(unknown)}` : '') +
        (absent.length > 0 ? `; only the model has ${listing(absent)}` : '') +
        '. Evaluate it on pictures of the classes that it was trained on.',
    );
  }
  if (canonicalJson(model.preprocessing) !== canonicalJson(index.preprocessing)) {
    throw new Failure(
      'dataset-invalid',
      `The model takes pictures prepared as ${canonicalJson(model.preprocessing)}, but this set was prepared as ` +
        `${canonicalJson(index.preprocessing)}. Prepare the dataset version as the model needs it.`,
    );
  }
  return index.classes.map((name) => model.classes.indexOf(name));
}

function listing(names: readonly string[]): string {
  const shown = names.slice(0, 5).map((name) => JSON.stringify(name));
  return shown.join(', ') + (names.length > shown.length ? ` and ${names.length - shown.length} more` : '');
}

/** @returns probabilities, `[count, classes]`. */
async function classifyAll(request: EvaluationRequest, pictures: LoadedSplit): Promise<Float32Array> {
  const { store, model, onProgress, signal } = request;
  const classes = model.classes.length;
  const classifier = await openClassifier(await readRef(store, model.onnx), { threads: 1 });
  try {
    if (classifier.classes !== classes) {
      throw new Error(`the ONNX model answers ${classifier.classes} classes, but ${classes} are recorded`);
    }
    const probabilities = new Float32Array(pictures.count * classes);
    const record = pictures.images.length / pictures.count;
    for (let from = 0; from < pictures.count; from += batchSize) {
      signal?.throwIfAborted();
      const count = Math.min(batchSize, pictures.count - from);
      const images = pictures.images.subarray(from * record, (from + count) * record);
      probabilities.set(await classifier.classify(images, count), from * classes);
      onProgress?.({ done: from + count, total: pictures.count, unit: 'pictures' });
    }
    return probabilities;
  } finally {
    await classifier.dispose();
  }
}

function figures(
  classes: readonly string[],
  truth: Int32Array,
  probabilities: Float32Array,
): Pick<
  Evaluation,
  'pictures' | 'loss' | 'accuracy' | 'accuracyInterval' | 'baseline' | 'perClass' | 'confusion'
> {
  const count = classes.length;
  const answers = truth.map((_, picture) => argmax(probabilities, picture * count, count));
  const confusion = confusionMatrix(truth, answers, count);
  const perClass = classFigures(confusion).map((row, index) => ({ class: classes[index] ?? '', ...row, f1: null, rocAuc: null }));
  return {
    pictures: pictureCount(confusion),
    loss: logLoss(probabilities, truth, count),
    accuracy: accuracy(confusion),
    accuracyInterval: wilsonInterval(rightAnswers(confusion), pictureCount(confusion)),
    baseline: baselineAccuracy(confusion),
    perClass,
    confusion,
  };
}
