import { Failure } from '../../contracts/failures';
import type { ActivityProgress } from '../../contracts/progress';
import { storeUri, type EvaluationRef, type PreparedRef } from '../../contracts/refs';
import type { SplitName, TrainedModel } from '../../contracts/schemas/documents';
import { evaluationSchema, type Evaluation } from '../../contracts/schemas/evaluation';
import { stageVersions } from '../../contracts/stages';
import { openPrepared, type LoadedSplit, type PreparedSet } from '../data/prepared-set';
import { openClassifier } from '../inference/classifier';
import { canonicalJson } from '../storage/canonical-json';
import { digestOf, parseDocument, readRef, sha256 } from '../storage/refs';
import type { Store } from '../storage/store';
import { classifyAll } from './classify';
import { answerFigures } from './figures';
import { measureLatency } from './latency';
import { matchClasses } from './match-classes';
import type { Answers } from './metrics/answers';
import { confidencesOf } from './metrics/reliability';
import { readPictureFacts } from './picture-facts';
import { encodePredictions } from './predictions';
import { measureRobustness, robustnessAnswers } from './robustness';
import { slicesOf } from './slices';

export interface EvaluationRequest {
  readonly store: Store;
  readonly model: TrainedModel;
  readonly prepared: PreparedRef;
  readonly split: SplitName;
  /** Whether the pictures are made worse and answered again, too; takes 25 times as long. */
  readonly robustness?: boolean;
  readonly onProgress?: (progress: ActivityProgress) => void;
  readonly signal?: AbortSignal;
}

export interface EvaluationResult {
  readonly ref: EvaluationRef;
  readonly evaluation: Evaluation;
}

/**
 * A model's figures on one split of a prepared set, by the ONNX form that is served. They are kept in
 * `evaluations/`, under a key made of the model, the prepared set, the split and what was asked for: asked for again, they
 * are read and not computed. The temperature alone is fitted on other pictures: those of the validation split.
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
    ...(request.robustness === true && { robustness: true }),
  };
  const folder = `evaluations/${digestOf(inputs).slice(0, 16)}`;
  const key = `${folder}/evaluation.json`;

  const kept = await readKept(store, key);
  if (kept !== undefined) return kept;

  if (set.count(split) === 0) {
    throw new Failure(
      'dataset-invalid',
      `The prepared set ${request.prepared.uri} has no ${split} pictures.`,
    );
  }
  const evaluation = await measure(request, set, classOf, folder);
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

async function measure(
  request: EvaluationRequest,
  set: PreparedSet,
  classOf: readonly number[],
  folder: string,
): Promise<Evaluation> {
  const { store, model, prepared, split, signal } = request;
  const { index } = set;
  const classes = model.classes.length;
  const judged = await set.load(split);
  // A temperature that is judged by the pictures it was fitted on says nothing.
  const fitted = split === 'validation' ? undefined : await set.load('validation');
  const onPictures = progressOf(request, judged.count, fitted?.count ?? 0);

  const onnx = await readRef(store, model.onnx);
  const classifier = await openClassifier(onnx, { threads: 1 });
  try {
    if (classifier.classes !== classes) {
      throw new Error(`the ONNX model answers ${classifier.classes} classes, but ${classes} are recorded`);
    }
    const answersOn = async ({ images, count, labels }: LoadedSplit) => ({
      probabilities: await classifyAll(classifier, images, count, onPictures, signal),
      truth: labels.map((label) => classOf[label] ?? -1),
      classes,
    });
    const answers = await answersOn(judged);
    const validation: Answers | undefined = fitted && (await answersOn(fitted));
    const { right } = confidencesOf(answers);
    const facts = await readPictureFacts(store, index, judged);
    const robustness =
      request.robustness === true
        ? await measureRobustness({
            ...{ classifier, pictures: judged, truth: answers.truth },
            ...{ preprocessing: model.preprocessing, onPictures, signal },
          })
        : [];
    return {
      model: model.onnx,
      prepared,
      manifest: index.dataset.manifest,
      split,
      ...(await answerFigures(model.classes, answers, validation, signal)),
      slices: slicesOf(model.classes, answers.truth, right, facts),
      robustness,
      latencyMs: await measureLatency(classifier, judged.images, judged.count, signal),
      bytes: onnx.length,
      predictions: await keepPredictions(store, folder, judged, answers, signal),
    };
  } finally {
    await classifier.dispose();
  }
}

/** Under a name of their own digest: answers of two kinds of CPU differ in their last bits. */
async function keepPredictions(
  store: Store,
  folder: string,
  { pictures }: LoadedSplit,
  { truth, probabilities }: { readonly truth: Int32Array; readonly probabilities: Float32Array },
  signal: AbortSignal | undefined,
): Promise<NonNullable<Evaluation['predictions']>> {
  const bytes = await encodePredictions(pictures, truth, probabilities, signal);
  const digest = sha256(bytes);
  const key = `${folder}/predictions-${digest.slice(0, 16)}.jsonl`;
  await store.create(key, bytes);
  return { uri: storeUri(key), sha256: digest };
}

/** @returns what is to be told of pictures as they are answered. */
function progressOf(
  { robustness, onProgress }: EvaluationRequest,
  judged: number,
  fitted: number,
): (count: number) => void {
  const total = judged + fitted + (robustness === true ? robustnessAnswers(judged) : 0);
  let done = 0;
  return (count) => {
    done += count;
    onProgress?.({ done, total, unit: 'pictures' });
  };
}
