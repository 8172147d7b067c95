import { Failure } from '../../../contracts/failures';
import type { Evaluation, Prediction } from '../../../contracts/schemas/evaluation';
import { argmax } from '../../evaluation/metrics/argmax';

/** A model's figures with its answers, picture by picture. */
export interface Measured {
  readonly evaluation: Evaluation;
  readonly predictions: readonly Prediction[];
}

/** One picture, as two models answered it. */
export interface Pair {
  /** The name of its class. */
  readonly truth: string;
  readonly candidate: Answer;
  readonly champion: Answer;
}

export interface Answer {
  readonly right: boolean;
  /** −ln of the true class's probability. */
  readonly loss: number;
  /** Squared distance of the probabilities from the truth, summed over the classes. */
  readonly brier: number;
}

/**
 * The two models' answers to the same pictures, side by side.
 *
 * @throws Failure `dataset-invalid` where they were not asked about the same pictures
 */
export function pairUp(candidate: Measured, champion: Measured): Pair[] {
  const waiting = new Map<string, Prediction[]>();
  for (const prediction of champion.predictions) {
    const same = waiting.get(prediction.picture);
    if (same) same.push(prediction);
    else waiting.set(prediction.picture, [prediction]);
  }
  const pairs = candidate.predictions.map((prediction): Pair => {
    // The same bytes may stand in a set twice, also under two labels.
    const same = waiting.get(prediction.picture) ?? [];
    const truth = className(candidate, prediction);
    const at = same.findIndex((other) => className(champion, other) === truth);
    const [other] = at < 0 ? [] : same.splice(at, 1);
    if (other === undefined) throw unpaired();
    return { truth, candidate: answer(prediction), champion: answer(other) };
  });
  if (pairs.length !== champion.predictions.length) throw unpaired();
  return pairs;
}

function unpaired(): Failure {
  return new Failure(
    'dataset-invalid',
    'The candidate and the champion were not asked about the same test pictures; evaluate both on the same ones first.',
  );
}

/** Two models may have the same classes in another order. */
function className({ evaluation }: Measured, { truth }: Prediction): string {
  return evaluation.perClass[truth]?.class ?? '';
}

function answer({ truth, probabilities }: Prediction): Answer {
  const ofTruth = probabilities[truth] ?? 0;
  return {
    right: argmax(probabilities) === truth,
    // Held where the evaluation's own loss is.
    loss: -Math.log(Math.max(ofTruth, 2 ** -23)),
    brier: probabilities.reduce((sum, share, index) => sum + (share - (index === truth ? 1 : 0)) ** 2, 0),
  };
}
