import { Failure } from '../../contracts/failures';
import type { Precision } from '../../contracts/schemas/run';
import type { PreparedIndex, TrainedModel } from '../../contracts/schemas/documents';
import { openClassifier } from '../inference/classifier';
import { exportOnnx } from '../model/onnx/export';
import { saveModel } from '../model/save';
import { putRef, sha256 } from '../storage/refs';
import type { Store } from '../storage/store';
import type { tf } from '../tensorflow';
import { roundsToTf32 } from '../tensorflow/rounding';
import type { Examples } from './batches';
import { servedAnswers, type ServedAs } from './served-answers';

/** The largest difference between two forms' probabilities that counts as the same answer. */
const tolerance = 1e-4;
/** Where TensorFlow rounds products to 10 bits and ONNX Runtime doesn't. */
const roundedTolerance = 1e-2;

export interface ComparedOptions extends ServedAs {
  /** That TensorFlow computes with. */
  readonly precision?: Precision;
}

/** Pictures on which the two forms are compared. */
const compared = 64;

/**
 * Writes a trained network in its forms and makes sure that they answer alike.
 *
 * They lie under a digest of the weights: should two machines ever train the same run at once, neither
 * overwrites what the other's result names.
 *
 * @throws Failure `export-differs` where ONNX Runtime and TensorFlow differ on real pictures.
 */
export async function writeModel(
  store: Store,
  run: string,
  model: tf.LayersModel,
  index: PreparedIndex,
  validation: Examples,
  options: ComparedOptions = {},
): Promise<TrainedModel> {
  const saved = await saveModel(model);
  const onnx = exportOnnx(model, { averageFlip: options.averageFlip ?? false });
  const parity = await compareForms(model, onnx, validation, options);
  const folder = `runs/${run}/model/${sha256(saved.weights).slice(0, 12)}`;
  return {
    classes: [...index.classes],
    preprocessing: index.preprocessing,
    weights: await putRef<'weights'>(store, `${folder}/weights.bin`, saved.weights),
    layers: await putRef<'layers'>(store, `${folder}/model.json`, saved.layers),
    onnx: await putRef<'onnx'>(store, `${folder}/model.onnx`, onnx),
    parity,
  };
}

/**
 * @param model - Answers logits.
 * @throws Failure `export-differs`.
 */
export async function compareForms(
  model: tf.LayersModel,
  onnx: Uint8Array,
  pictures: Examples,
  { precision = 'float32', ...served }: ComparedOptions = {},
): Promise<TrainedModel['parity']> {
  const count = Math.min(compared, pictures.count);
  const size = pictures.shape.reduce((product, length) => product * length, 1);
  const values = Uint8Array.from(pictures.values.subarray(0, count * size));
  const expected = servedAnswers(model, { ...pictures, count, values }, compared, served).flatMap(
    (answer) => [...answer],
  );
  const classifier = await openClassifier(onnx, { threads: 1 });
  try {
    const answered = await classifier.classify(values, count);
    const maxDifference = answered.reduce((most, value, at) => {
      return Math.max(most, Math.abs(value - (expected[at] ?? NaN)));
    }, 0);
    // Written so that a NaN fails. Within the tolerance only answers that tie can differ in their first class.
    const most = roundsToTf32(precision) ? roundedTolerance : tolerance;
    if (!(maxDifference <= most)) {
      throw new Failure(
        'export-differs',
        `On ${count} pictures the ONNX form's probabilities differ from TensorFlow's by up to ` +
          `${maxDifference.toExponential(1)}; at most ${most} was expected. This is a defect of the export.`,
      );
    }
    return { maxDifference, pictures: count };
  } finally {
    await classifier.dispose();
  }
}
