import { channelsOf } from '../../contracts/schemas/preprocessing';
import type { Evaluation, Prediction } from '../../contracts/schemas/evaluation';
import { openPrepared } from '../data/prepared-set';
import { encodePixels } from '../images/encode-pixels';
import { requireStoreKey } from '../storage/refs';
import type { Store } from '../storage/store';
import type { EvaluationResult } from './evaluate';
import { argmax } from './metrics/argmax';
import { evaluationPage, type Mistake } from './page/page';
import { readPredictions } from './predictions';

const mostMistakes = 48;
/** Up to this side a picture is shown as it is, to the pixel. */
const sharpSide = 64;
const side = 128;

/** Where an evaluation's report lies, beside it. */
export function evaluationReportKey({ ref }: Pick<EvaluationResult, 'ref'>): string {
  return requireStoreKey(ref).replace(/[^/]*$/, 'report.html');
}

/**
 * Writes an evaluation's report, where there is none yet: it is made of what is in the store, so that one which was lost
 * to a crash is made by whoever asks next.
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
  if (await store.exists(key)) return key;
  const { evaluation } = result;
  const { index } = await openPrepared(store, evaluation.prepared);
  const page = evaluationPage({
    ...{ evaluation, subject, at },
    dataset: index.dataset.name,
    mistakes: await worstMistakes(store, evaluation),
  });
  await store.write(key, Buffer.from(page));
  return key;
}

async function worstMistakes(store: Store, evaluation: Evaluation): Promise<Mistake[] | undefined> {
  const { predictions, prepared, split, perClass } = evaluation;
  if (predictions === null) return undefined;
  const worst = (await readPredictions(store, predictions))
    .map((prediction, place) => ({ ...asked(prediction), place, prediction }))
    .filter(({ answer, prediction }) => answer !== prediction.truth)
    .sort((a, b) => b.confidence - a.confidence)
    .slice(0, mostMistakes);
  const set = await openPrepared(store, prepared);
  const { images } = await set.load(split);
  const { size } = set.index.preprocessing;
  const name = (index: number) => perClass[index]?.class ?? '';
  return Promise.all(
    worst.map(async ({ answer, confidence, place, prediction: { picture, truth, probabilities } }) => {
      const values = images.subarray(place * set.recordBytes, (place + 1) * set.recordBytes);
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
