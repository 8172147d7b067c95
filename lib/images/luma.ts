/** Rec. 601's weights, as JPEG's own luma has them (ITU-T T.871), times 2^16; they add up to it. */
const [red, green, blue, half] = [19_595, 38_470, 7_471, 32_768] as const;

/** The luma of RGB pixels: what a JPEG stores as its first plane, so that every format's grey is the same grey. */
export function lumaOf(rgb: Uint8Array): Uint8Array {
  const luma = new Uint8Array(rgb.length / 3);
  for (let pixel = 0, at = 0; pixel < luma.length; pixel += 1, at += 3) {
    const sum = red * (rgb[at] ?? 0) + green * (rgb[at + 1] ?? 0) + blue * (rgb[at + 2] ?? 0);
    luma[pixel] = (sum + half) >> 16;
  }
  return luma;
}
