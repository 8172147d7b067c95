import type { Augmentation } from '../../../contracts/schemas/run';
import type { Random } from '../../random';

/** Of one picture, channels last. */
export interface PictureShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** In pixels. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** What is done to one picture, in this order. */
export interface PictureChange {
  /** What of the picture is stretched to its whole size; not whole pixels. */
  readonly crop: Rectangle;
  /** Left to right. */
  readonly flip: boolean;
  /** Clockwise, about the centre, in degrees. */
  readonly angle: number;
  /** Whole pixels to the right and down. */
  readonly right: number;
  readonly down: number;
  /** What every value's distance from mid-grey is multiplied by. */
  readonly contrast: number;
  /** Added to every value, on the scale of 0 to 255. */
  readonly brighter: number;
  /** What every colour's distance from its grey is multiplied by. */
  readonly saturation: number;
  /** The colours' turn about grey, in degrees. */
  readonly hue: number;
  /** What is greyed out, in whole pixels. */
  readonly erased: Rectangle | undefined;
}

/** A crop's width to its height, to those of the picture, as in Szegedy et al., "Going deeper with convolutions" (2015). */
const cropAspects = { low: 3 / 4, high: 4 / 3 };

/** Zhong et al., "Random erasing data augmentation" (2020). */
const erasing = { area: { low: 0.02, high: 0.33 }, aspect: { low: 0.3, high: 1 / 0.3 } };

/**
 * Draws what happens to a picture: always the same count of numbers in the same order, so that one setting doesn't move
 * what another draws.
 */
export function drawPictureChange(
  augmentation: Augmentation,
  shape: PictureShape,
  random: Random,
): PictureChange {
  const { height, width, channels } = shape;
  const within = (limit: number): number => (random.next() * 2 - 1) * limit;
  const pixels = (limit: number): number => Math.round(within(limit)) + 0;
  const colours = channels === 3 ? 1 : 0;

  const mirrored = random.next() < 0.5;
  return {
    flip: augmentation.flip && mirrored,
    right: pixels(augmentation.shift * width),
    down: pixels(augmentation.shift * height),
    angle: within(augmentation.rotation),
    crop: drawCrop(augmentation.crop, shape, random),
    brighter: within(augmentation.brightness * 255),
    contrast: 1 + within(augmentation.contrast),
    saturation: 1 + within(augmentation.saturation * colours),
    hue: within(augmentation.hue * colours),
    erased: drawErased(augmentation.erase, shape, random),
  };
}

/** A part of at least 1 − `most` of the area. */
function drawCrop(most: number, { height, width }: PictureShape, random: Random): Rectangle {
  const area = 1 - most * random.next();
  // No wider and no higher than the picture itself.
  const aspect = between(Math.max(area, cropAspects.low), Math.min(1 / area, cropAspects.high), random);
  const part = {
    width: width * Math.min(1, Math.sqrt(area * aspect)),
    height: height * Math.min(1, Math.sqrt(area / aspect)),
  };
  return { left: (width - part.width) * random.next(), top: (height - part.height) * random.next(), ...part };
}

function drawErased(chance: number, { height, width }: PictureShape, random: Random): Rectangle | undefined {
  const happens = random.next() < chance;
  const { area, aspect } = erasing;
  const share = area.low + (area.high - area.low) * random.next();
  const ratio = between(aspect.low, aspect.high, random);
  const side = (length: number, part: number): number =>
    Math.min(length, Math.max(1, Math.round(length * part)));
  const part = {
    width: side(width, Math.sqrt(share * ratio)),
    height: side(height, Math.sqrt(share / ratio)),
  };
  const left = Math.floor((width - part.width + 1) * random.next());
  const top = Math.floor((height - part.height + 1) * random.next());
  return happens ? { left, top, ...part } : undefined;
}

/** A ratio, as likely to be k times as large as k times as small. */
function between(low: number, high: number, random: Random): number {
  return low * (high / low) ** random.next();
}

export function changesPicture(change: PictureChange, { height, width }: PictureShape): boolean {
  return (
    change.flip ||
    change.right !== 0 ||
    change.down !== 0 ||
    change.angle !== 0 ||
    change.crop.width !== width ||
    change.crop.height !== height ||
    change.brighter !== 0 ||
    change.contrast !== 1 ||
    change.saturation !== 1 ||
    change.hue !== 0 ||
    change.erased !== undefined
  );
}
