import type { Answer, AnswerOptions } from './engine/engine';
import type { ModelDescription, ServedModel } from './models/served-model';
import { rank, type Ranking } from './ranking';

/** The answer of `POST /get_prediction`. */
export interface Prediction extends Ranking {
  /** The request's id; in the log, too. */
  readonly id: string;
  readonly model: Pick<ModelDescription, 'name' | 'version' | 'digest'>;
}

/**
 * Has one picture decoded and classified. The decoder's settings, the class names and the version are all of
 * the one model that answers, whatever the alias does meanwhile.
 *
 * @param picture - A file's bytes.
 * @throws Failure `picture-unreadable`, `busy`; {@link ClientGone}.
 */
export async function predict(
  model: ServedModel,
  picture: Buffer,
  options: AnswerOptions,
): Promise<{ readonly prediction: Prediction; readonly stages: Answer['stages'] }> {
  const { probabilities, stages } = await model.answer(picture, options);
  const { name, version, digest, classes } = model;
  const { id } = options;
  return { prediction: { id, ...rank(classes, probabilities), model: { name, version, digest } }, stages };
}
