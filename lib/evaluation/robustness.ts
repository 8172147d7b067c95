import { corruptionKinds, type Robustness } from '../../contracts/schemas/evaluation';
import { channelsOf } from '../../contracts/channels';
import type { Preprocessing } from '../../contracts/schemas/preprocessing';
import type { LoadedSplit } from '../data/prepared-set';
import { corrupt, type Strength } from '../images/corruption/corrupt';
import type { Classifier } from '../inference/classifier';
import { createRandom } from '../random';
import { argmax } from './metrics/argmax';

/** Of a larger split so many are drawn: each is answered 25 times more. */
export const mostCorrupted = 400;

const strengths: readonly Strength[] = [1, 2, 3, 4, 5];
const seed = 'evaluation robustness';
/** Pictures that are made worse, and answered, at once. */
const batchSize = 32;

/** How many pictures {@link measureRobustness} answers altogether. */
export function robustnessAnswers(pictures: number): number {
  return Math.min(pictures, mostCorrupted) * corruptionKinds.length * strengths.length;
}

/**
 * The accuracy on the same pictures, made worse in five ways at five strengths each.
 *
 * @param truth - of each picture, the model's index of its class
 * @param onPictures - hears how many more have been answered
 * @throws the signal's reason
 */
export async function measureRobustness(options: {
  readonly classifier: Classifier;
  readonly pictures: LoadedSplit;
  readonly truth: Int32Array;
  readonly preprocessing: Preprocessing;
  readonly onPictures: (count: number) => void;
  readonly signal: AbortSignal | undefined;
}): Promise<Robustness[]> {
  const { classifier, pictures, truth, preprocessing, onPictures, signal } = options;
  const random = createRandom(seed);
  const { size } = preprocessing;
  const record = size * size * channelsOf(preprocessing);
  const all = Array.from({ length: pictures.count }, (_, picture) => picture);
  const drawn = all.length > mostCorrupted ? random.shuffle(all).slice(0, mostCorrupted) : all;
  const rows: Robustness[] = [];
  for (const kind of corruptionKinds) {
    for (const strength of strengths) {
      let right = 0;
      for (let from = 0; from < drawn.length; from += batchSize) {
        signal?.throwIfAborted();
        const batch = drawn.slice(from, from + batchSize);
        const worse = await Promise.all(
          batch.map((picture) => {
            const values = pictures.images.subarray(picture * record, (picture + 1) * record);
            const pixels = { values, width: size, height: size, channels: channelsOf(preprocessing) };
            // By its own bytes: a picture is made worse in the same way, whatever others stand beside it.
            const own = random.fork(`${kind} ${strength} ${pictures.pictures[picture]}`);
            return corrupt(pixels, kind, strength, own);
          }),
        );
        const answers = await classifier.classify(Buffer.concat(worse), batch.length);
        right += batch.filter(
          (picture, at) => argmax(answers, at * classifier.classes, classifier.classes) === truth[picture],
        ).length;
        onPictures(batch.length);
      }
      rows.push({
        ...{ kind, strength, pictures: drawn.length },
        accuracy: drawn.length === 0 ? null : right / drawn.length,
      });
    }
  }
  return rows;
}
