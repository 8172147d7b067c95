/* global Refusal */
/* exported fitting */

/** The longest side that is tried first, in pixels; a network looks at fewer. */
const longestSide = 2048;
const leastSide = 16;
const quality = 0.9;

function inMegabytes(bytes) {
  const megabytes = bytes / 1024 ** 2;
  return megabytes >= 0.1 ? `${megabytes.toFixed(1)} MiB` : `${Math.ceil(bytes / 1024)} KiB`;
}

/** A JPEG of at most so many pixels a side. What is clear becomes white, as it does in the service. */
async function redrawn(bitmap, side) {
  const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext('2d');
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = 'high';
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', quality));
}

function tooLarge(picture, most, why) {
  return new Refusal({
    title: 'The picture is too large',
    detail: `It has ${inMegabytes(picture.size)}, and at most ${inMegabytes(most)} are taken here. ${why}`,
  });
}

/** @throws Refusal where a file can't be read: a folder, or one that is gone. */
async function requireReadable(picture) {
  try {
    await picture.slice(0, 1).arrayBuffer();
  } catch {
    throw new Refusal({
      title: 'This cannot be read',
      detail: `“${picture.name}” is a folder, or is no longer there. Choose a file that is a picture.`,
    });
  }
}

/**
 * A picture as it is, or made smaller where it has more bytes than the service takes.
 *
 * @returns `file`, and `note` where it was changed.
 * @throws Refusal where it can't be read, or not be made small enough.
 */
async function fitting(picture, most) {
  await requireReadable(picture);
  if (picture.size <= most) return { file: picture };
  const bitmap = await createImageBitmap(picture).catch(() => undefined);
  if (bitmap === undefined) {
    throw tooLarge(picture, most, 'This browser cannot read it to make it smaller.');
  }
  try {
    for (let side = longestSide; side >= leastSide; side /= 2) {
      const blob = await redrawn(bitmap, side);
      if (blob !== null && blob.size <= most) {
        const note = `Made smaller here before it was sent, from ${inMegabytes(picture.size)} to ${inMegabytes(blob.size)}: at most ${inMegabytes(most)} are taken.`;
        return { file: new File([blob], 'smaller.jpg', { type: blob.type }), note };
      }
    }
  } finally {
    bitmap.close();
  }
  throw tooLarge(picture, most, 'It cannot be made small enough.');
}
