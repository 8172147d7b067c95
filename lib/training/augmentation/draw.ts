import type { Augmentation } from '../../../contracts/schemas/run';
import type { Random } from '../../random';
import { drawMixing, type Mixing } from './mixing';
import { changesPicture, drawPictureChange, type PictureChange, type PictureShape } from './picture-change';

export type { PictureShape } from './picture-change';

/**
 * How pictures are read anew: not at all, whole pixels (flip and shift), a box (crop and flip), or anywhere. It follows
 * from the settings rather than from what was drawn, so that a picture's values don't hang on its neighbours' draws.
 */
export type Resampling = 'none' | 'pixels' | 'box' | 'anywhere';

/** What happens to the pictures of a batch, as plain numbers. */
export interface AugmentationDraw {
  readonly shape: PictureShape;
  readonly resampling: Resampling;
  /** One a picture, in the batch's order. */
  readonly pictures: readonly PictureChange[];
  readonly mixing: Mixing | undefined;
}

/**
 * Draws what augmentation does to a batch. A picture's own changes follow from `random`'s seed and its number alone, and
 * the mixing of pictures from the seed and `batchKey`: nothing from what was drawn before.
 *
 * @param random - The epoch's: another epoch draws anew.
 * @param pictures - Numbers of the batch's pictures.
 * @param batchKey - Names the batch within the epoch.
 * @returns undefined where nothing would change.
 */
export function drawAugmentation(
  augmentation: Augmentation,
  shape: PictureShape,
  random: Random,
  pictures: readonly number[],
  batchKey: string,
): AugmentationDraw | undefined {
  const mixing = drawMixing(augmentation, shape, random.fork(`mixing ${batchKey}`), pictures.length);
  const changes = changesAlone(augmentation)
    ? pictures.map((picture) => drawPictureChange(augmentation, shape, random.fork(`picture ${picture}`)))
    : [];
  const changed = changes.some((change) => changesPicture(change, shape));
  if (!changed && !mixing) return undefined;
  return {
    shape,
    resampling: changed ? resamplingOf(augmentation) : 'none',
    pictures: changed ? changes : [],
    mixing,
  };
}

/** Whether any setting changes pictures by themselves. */
function changesAlone({ mixup, cutmix, flip, ...limits }: Augmentation): boolean {
  return flip || Object.values(limits).some((limit) => limit > 0);
}

function resamplingOf({ flip, shift, rotation, crop }: Augmentation): Resampling {
  if (rotation > 0 || (crop > 0 && shift > 0)) return 'anywhere';
  if (crop > 0) return 'box';
  return flip || shift > 0 ? 'pixels' : 'none';
}
