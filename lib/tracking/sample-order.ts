import { channelsOf } from '../../contracts/channels';
import type { RunResult } from '../../contracts/schemas/documents';
import type { Pixels } from '../images/encode-pixels';
import type { SamplePicture } from './tracker';

/** What a person should look at first: wrong answers, the surest of them first; then right ones, the least sure first. */
export function mostTelling(sample: readonly SamplePicture[]): SamplePicture[] {
  const isWrong = ({ actual, predicted }: SamplePicture) => actual !== predicted;
  const wrong = sample.filter(isWrong).sort((a, b) => b.probability - a.probability);
  const right = sample.filter((picture) => !isWrong(picture)).sort((a, b) => a.probability - b.probability);
  return [...wrong, ...right];
}

/** A sample picture's pixels, of the shape that the run's pictures have. */
export function pixelsOf({ pixels }: SamplePicture, { model: { preprocessing } }: RunResult): Pixels {
  const { size } = preprocessing;
  return { values: pixels, width: size, height: size, channels: channelsOf(preprocessing) };
}
