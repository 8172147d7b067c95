import { argmax } from '../lib/evaluation/metrics/argmax';
import { decodePicture } from '../lib/images/decode';
import type { ModelDescription, ModelHolder } from './served-model';
import type { Timed } from './stages';

/** The answer of `POST /get_prediction`. */
export interface Prediction {
  /** The request's id; in the log, too. */
  readonly id: string;
  /** The likeliest class. */
  readonly prediction: string;
  /** Every class, the likeliest first, each in [0, 1]; they add up to 1 but for rounding. */
  readonly probabilities: Readonly<Record<string, number>>;
  readonly model: Pick<ModelDescription, 'name' | 'version' | 'digest'>;
}

const decimals = 6;

/** The classes and their probabilities, the likeliest first. */
function ranking(classes: readonly string[], probabilities: Float32Array): [string, number][] {
  return classes
    .map((name, index): [string, number] => [name, probabilities[index] ?? 0])
    .sort(([, a], [, b]) => b - a)
    .map(([name, probability]) => [name, Number(probability.toFixed(decimals))]);
}

/**
 * Decodes and classifies one picture. The decoder's settings, the class names and the version are all of
 * the one model that answers, whatever the alias does meanwhile.
 *
 * @param picture - A file's bytes.
 * @throws Failure `model-unavailable`; `picture-unreadable`.
 */
export async function predict(
  models: ModelHolder,
  picture: Buffer,
  id: string,
  timed: Timed,
): Promise<Prediction> {
  return models.use(async (model) => {
    const image = await timed('decode', () => decodePicture(picture, model.preprocessing));
    const probabilities = await timed('infer', () => model.classify(image));
    return {
      id,
      prediction: model.classes[argmax(probabilities)] ?? '',
      probabilities: Object.fromEntries(ranking(model.classes, probabilities)),
      model: { name: model.name, version: model.version, digest: model.digest },
    };
  });
}
