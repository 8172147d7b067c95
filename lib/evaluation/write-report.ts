import { channelsOf } from '../../contracts/channels';
import type { Evaluation, Prediction } from '../../contracts/schemas/evaluation';
import { openPrepared, type PreparedSet } from '../data/prepared-set';
import { encodePixels } from '../images/encode-pixels';
import { html } from '../page/html';
import { requireStoreKey } from '../storage/refs';
import type { Store } from '../storage/store';
import type { EvaluationResult } from './evaluate';
import type { Answers } from './metrics/answers';
import { argmax } from './metrics/argmax';
import { coverageCurve } from './metrics/coverage';
import { confidencesOf } from './metrics/reliability';
import { rankBy } from './metrics/roc-auc';
import { rocCurve } from './metrics/roc-curve';
import { evaluationPage, evaluationTitle, type ClassCurve, type Mistake } from './page/page';
import { mostCurves } from './page/roc-curves';
import { readPredictions } from './predictions';

const mostMistakes = 48;
/** Up to this side a picture is shown as it is, to the pixel. */
const sharpSide = 64;
const side = 128;
/** Of one curve. */
const mostPoints = 200;

/** Where an evaluation's report lies, beside it. */
export function evaluationReportKey({ ref }: Pick<EvaluationResult, 'ref'>): string {
  return requireStoreKey(ref).replace(/[^/]*$/, 'report.html');
}

/**
 * Writes an evaluation's report, where there is none yet or one about another subject: a run and the versions that are made of it
 * share their figures. It is made of what is in the store, so that one which was lost to a crash is made by whoever asks next.
 *
 * @param subject - whose figures these are, such as `animals version 3`
 * @returns its key
 * @throws Failure as `openPrepared`
 */
export async function writeEvaluationReport(
  store: Store,
  result: EvaluationResult,
  subject: string,
  at = Date.now(),
): Promise<string> {
  const key = evaluationReportKey(result);
  const written = await store.readVersioned(key);
  if (written?.bytes.includes(String(html`<title>${evaluationTitle(subject)}</title>`)) === true) return key;
  const { evaluation } = result;
  const { prepared, predictions } = evaluation;
  const set = await openPrepared(store, prepared);
  // Of before 0.2.0, nothing but the figures was kept.
  const kept = predictions === null ? undefined : await readPredictions(store, predictions);
  const answers = kept && answersOf(kept, evaluation.perClass.length);
  const page = evaluationPage({
    ...{ evaluation, subject, at },
    dataset: set.index.dataset.name,
    mistakes: kept && (await worstMistakes(set, evaluation, kept)),
    curves: answers && worstCurves(evaluation, answers),
    coverage: answers && coverageCurve(confidencesOf(answers), mostPoints),
  });
  await store.write(key, Buffer.from(page));
  return key;
}

function answersOf(predictions: readonly Prediction[], classes: number): Answers {
  const probabilities = new Float64Array(predictions.length * classes);
  predictions.forEach((one, at) => probabilities.set(one.probabilities, at * classes));
  return { probabilities, truth: predictions.map(({ truth }) => truth), classes };
}

function worstCurves({ perClass }: Evaluation, answers: Answers): ClassCurve[] {
  return perClass
    .flatMap(({ class: name, rocAuc }, index) => (rocAuc === null ? [] : [{ name, area: rocAuc, index }]))
    .sort((a, b) => a.area - b.area)
    .slice(0, mostCurves)
    .map(({ name, area, index }) => ({
      ...{ class: name, area },
      points: rocCurve(rankBy(answers, index), mostPoints),
    }));
}

async function worstMistakes(
  set: PreparedSet,
  { split, perClass }: Evaluation,
  predictions: readonly Prediction[],
): Promise<Mistake[]> {
  const worst = predictions
    .map((prediction, place) => ({ ...asked(prediction), place, prediction }))
    .filter(({ answer, prediction }) => answer !== prediction.truth)
    .sort((a, b) => b.confidence - a.confidence)
    .slice(0, mostMistakes);
  const { images } = await set.loadSome(
    split,
    worst.map(({ place }) => place),
  );
  const { size } = set.index.preprocessing;
  const name = (index: number) => perClass[index]?.class ?? '';
  return Promise.all(
    worst.map(async ({ answer, confidence, prediction: { picture, truth, probabilities } }, at) => {
      const values = images.subarray(at * set.recordBytes, (at + 1) * set.recordBytes);
      const pixels = { values, width: size, height: size, channels: channelsOf(set.index.preprocessing) };
      const format = size <= sharpSide ? 'png' : 'jpeg';
      const bytes = await encodePixels(pixels, format, side);
      return {
        ...{ picture, truth: name(truth), answer: name(answer), confidence },
        given: probabilities[truth] ?? 0,
        image: `data:image/${format};base64,${bytes.toString('base64')}`,
      };
    }),
  );
}

function asked({ probabilities }: Prediction): { answer: number; confidence: number } {
  const answer = argmax(probabilities);
  return { answer, confidence: probabilities[answer] ?? 0 };
}
