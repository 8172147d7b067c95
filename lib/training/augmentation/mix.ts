import { free, scalar, upload, type Handle } from '../../tensorflow/handles';
import { add, concat, gather, mul, reshape, slice } from '../../tensorflow/operations/arithmetic';
import type { Mixing } from './mixing';
import type { Rectangle } from './picture-change';

/**
 * Each picture with its partner's share of pixels or of light.
 *
 * @param images - float32 `[batch, height, width, channels]`, not freed.
 * @returns a new handle.
 */
export function mixed(images: Handle, { partners, share, pasted }: Mixing): Handle {
  return pasted ? patched(images, partners, pasted) : blended(images, partners, share);
}

function blended(images: Handle, partners: Int32Array, share: number): Handle {
  const [own, rest] = [scalar(share), scalar(1 - share)];
  const rows = upload(partners, [partners.length]);
  const others = gather(images, rows);
  free(rows);
  const given = mul(others, rest);
  free(others);
  const kept = mul(images, own);
  const output = add(kept, given);
  free(own, rest, given, kept);
  return output;
}

/** The columns of the rectangle are taken apart, their rows chosen anew, and all is put together: whole rows are copied. */
function patched(images: Handle, partners: Int32Array, pasted: Rectangle): Handle {
  const [count = 0, height = 0, width = 0, channels = 0] = images.shape;
  const lines = reshape(images, [count * height, width * channels]);
  const columns = (from: number, to: number): Handle =>
    slice(lines, [0, from * channels], [count * height, (to - from) * channels]);
  const end = pasted.left + pasted.width;
  const [before, own, after] = [columns(0, pasted.left), columns(pasted.left, end), columns(end, width)];
  free(lines);
  const chosen = upload(linesOf(partners, pasted, height), [count * height]);
  const middle = gather(own, chosen);
  free(own, chosen);
  const joined = concat([before, middle, after], 1);
  free(before, middle, after);
  const output = reshape(joined, images.shape);
  free(joined);
  return output;
}

/** For each row of pixels within the rectangle's columns, which row of the batch it is. */
function linesOf(partners: Int32Array, { top, height }: Rectangle, rows: number): Int32Array {
  return Int32Array.from({ length: partners.length * rows }, (_, line) => {
    const [picture, y] = [Math.floor(line / rows), line % rows];
    const inside = y >= top && y < top + height;
    return (inside ? (partners[picture] ?? picture) : picture) * rows + y;
  });
}
