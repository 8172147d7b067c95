import type { ReliabilityBin } from '../../../contracts/schemas/evaluation';
import { argmax } from './argmax';
import { requireShape, type Answers } from './answers';

/** As in the paper below. */
export const reliabilityBins = 15;

/** Of each picture: the probability of its answer, the bin that this is in, and whether the answer is right. */
export interface Confidences {
  readonly confidence: Float64Array;
  readonly bin: Int32Array;
  readonly right: Uint8Array;
  readonly bins: number;
}

/**
 * The confidence of each answer, in bins of equal width: bin i holds confidences in (i / bins, (i + 1) / bins], the first
 * 0, too.
 *
 * @throws RangeError where the shapes don't agree
 */
export function confidencesOf(answers: Answers, bins = reliabilityBins): Confidences {
  requireShape(answers);
  const { probabilities, truth, classes } = answers;
  const answered = Int32Array.from(truth, (_, picture) => argmax(probabilities, picture * classes, classes));
  const confidence = Float64Array.from(
    answered,
    (answer, picture) => probabilities[picture * classes + answer] ?? 0,
  );
  return {
    confidence,
    bin: Int32Array.from(confidence, (value) => binOf(value, bins)),
    right: Uint8Array.from(answered, (answer, picture) => (answer === truth[picture] ? 1 : 0)),
    bins,
  };
}

function binOf(confidence: number, bins: number): number {
  let bin = Math.min(bins - 1, Math.max(0, Math.ceil(confidence * bins) - 1));
  // The product is rounded: the edges themselves decide.
  while (bin > 0 && confidence <= bin / bins) bin -= 1;
  while (bin < bins - 1 && confidence > (bin + 1) / bins) bin += 1;
  return bin;
}

/** What a reliability diagram shows. */
export function reliability({ confidence, bin, right, bins }: Confidences): ReliabilityBin[] {
  const pictures = new Float64Array(bins);
  const sure = new Float64Array(bins);
  const hits = new Float64Array(bins);
  for (let picture = 0; picture < bin.length; picture += 1) {
    const at = bin[picture] ?? 0;
    pictures[at] = (pictures[at] ?? 0) + 1;
    sure[at] = (sure[at] ?? 0) + (confidence[picture] ?? 0);
    hits[at] = (hits[at] ?? 0) + (right[picture] ?? 0);
  }
  return Array.from(pictures, (count, at) => ({
    low: at / bins,
    high: (at + 1) / bins,
    pictures: count,
    confidence: count === 0 ? null : (sure[at] ?? 0) / count,
    accuracy: count === 0 ? null : (hits[at] ?? 0) / count,
  }));
}

/**
 * Expected calibration error: the gap between confidence and accuracy, averaged over the pictures' bins. Guo, Pleiss, Sun
 * and Weinberger, "On calibration of modern neural networks", ICML 2017.
 *
 * @returns in [0, 1]; null of no pictures
 */
export function expectedCalibrationError(bins: readonly ReliabilityBin[]): number | null {
  let [gap, pictures] = [0, 0];
  for (const bin of bins) {
    gap += bin.pictures * Math.abs((bin.confidence ?? 0) - (bin.accuracy ?? 0));
    pictures += bin.pictures;
  }
  return pictures === 0 ? null : gap / pictures;
}
