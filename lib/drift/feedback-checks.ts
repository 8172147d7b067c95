import { percent, type Comparing, type Found } from './check';
import { calibrationChange, differenceInterval, fewerRightP, type Rights, type Sureness } from './feedback';
import type { Observations } from './observations';
import { answerOf } from './value-checks';

/** Places of the pictures whose class somebody has said. */
export function labelledOf({ labels }: Observations): number[] {
  return Array.from(labels).flatMap((label, picture) => (label >= 0 ? [picture] : []));
}

/** Whether the window is answered less well than the reference, where it was not the answer that had a picture labelled. */
export function checkAccuracy({ reference, window }: Comparing): Found {
  const [before, now] = [rightsOf(reference), rightsOf(window)];
  const [was, is] = [before.right / before.of, now.right / now.of];
  return {
    statistic: is - was,
    interval: differenceInterval(before, now),
    p: fewerRightP(before, now),
    counts: { reference: before.of, window: now.of },
    why: `${percent(is)} of the window's labelled pictures are answered rightly, and ${percent(was)} of the reference's.`,
  };
}

/** @throws the signal's reason */
export async function checkCalibration({
  reference,
  window,
  permutations,
  random,
  signal,
}: Comparing): Promise<Found> {
  const [before, now] = [surenessOf(reference), surenessOf(window)];
  const found = await calibrationChange(before, now, {
    ...{ permutations, signal },
    random: random.fork('calibration'),
  });
  return {
    ...{ statistic: found.change, p: found.p },
    counts: { reference: before.right.length, window: now.right.length },
    why: `Confidence and accuracy are ${percent(found.window)} apart in the window, and ${percent(found.reference)} in the reference.`,
  };
}

function rightsOf(observed: Observations): Rights {
  const { right } = surenessOf(observed);
  return { right: right.reduce((sum, one) => sum + one, 0), of: right.length };
}

function surenessOf(observed: Observations): Sureness {
  const { labels, probabilities, classes } = observed;
  const pictures = labelledOf(observed);
  const answers = pictures.map((picture) => answerOf(observed, picture));
  return {
    confidence: Float64Array.from(
      pictures,
      (picture, at) => probabilities[picture * classes + (answers[at] ?? 0)] ?? NaN,
    ),
    right: Uint8Array.from(pictures, (picture, at) => (labels[picture] === answers[at] ? 1 : 0)),
  };
}
