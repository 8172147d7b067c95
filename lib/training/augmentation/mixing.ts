import type { Augmentation } from '../../../contracts/schemas/run';
import type { Random } from '../../random';
import { drawBeta } from './beta';
import type { PictureShape, Rectangle } from './picture-change';

/** What of its partner each picture of a batch is given. */
export interface Mixing {
  /** Row of each picture's partner in the batch: no picture's own, and no one's twice. */
  readonly partners: Int32Array;
  /** The picture's own share, in [0, 1], the same for the whole batch. */
  readonly share: number;
  /** Where the partner's pixels stand; undefined where they are mixed in everywhere. */
  readonly pasted: Rectangle | undefined;
}

/**
 * Draws mixup (Zhang et al., "mixup: beyond empirical risk minimization", 2018) or CutMix (Yun et al., "CutMix:
 * regularization strategy to train strong classifiers with localizable features", 2019) for a batch; with both set, one
 * of both as often as the other.
 *
 * @returns undefined where nothing is mixed: neither is set, a picture is alone, or its partner's share came out as none.
 */
export function drawMixing(
  augmentation: Augmentation,
  shape: PictureShape,
  random: Random,
  count: number,
): Mixing | undefined {
  const { mixup, cutmix } = augmentation;
  if ((mixup === 0 && cutmix === 0) || count < 2) return undefined;
  const first = random.next() < 0.5;
  const cuts = mixup === 0 || (cutmix > 0 && first);
  const alpha = cuts ? cutmix : mixup;
  const share = drawBeta(alpha, alpha, random.fork('share'));
  const pasted = cuts ? drawPasted(1 - share, shape, random) : undefined;
  const own = pasted ? 1 - (pasted.width * pasted.height) / (shape.width * shape.height) : share;
  if (own === 1) return undefined;
  return { partners: drawPartners(count, random.fork('partners')), share: own, pasted };
}

/** A rectangle of the picture's proportions, its centre anywhere, what lies outside of the picture cut off. */
function drawPasted(area: number, { height, width }: PictureShape, random: Random): Rectangle {
  const [left, right] = span(width, Math.sqrt(area), random);
  const [top, bottom] = span(height, Math.sqrt(area), random);
  return { left, top, width: right - left, height: bottom - top };
}

function span(length: number, share: number, random: Random): [number, number] {
  const size = Math.round(length * share);
  const from = Math.floor(length * random.next()) - Math.floor(size / 2);
  return [Math.max(0, from), Math.max(0, Math.min(length, from + size))];
}

/** Each picture's partner is the next one in a random round. */
function drawPartners(count: number, random: Random): Int32Array {
  const round = random.shuffle(Array.from({ length: count }, (_, at) => at));
  const partners = new Int32Array(count);
  round.forEach((picture, at) => {
    partners[picture] = round[(at + 1) % count] ?? picture;
  });
  return partners;
}
