import sharp from 'sharp';

/** A picture without plain areas, and without noise that coding would change: overlapping waves, a sun and a horizon. */
export function scene(width: number, height: number, variant = 0): sharp.Sharp {
  const pixels = Buffer.alloc(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const [u, v] = [(x + 0.5) / width, (y + 0.5) / height];
      const wave = Math.sin(u * (9 + variant) + v * 4) * Math.cos(v * (7 + 2 * variant) - u * 3 + variant);
      const sun = Math.hypot(u - 0.3 - 0.1 * variant, v - 0.35) < 0.18 ? 90 : 0;
      const ground = v > 0.6 + 0.1 * Math.sin(u * 5 + variant) ? -60 : 20;
      const at = (y * width + x) * 3;
      pixels[at] = Math.max(0, Math.min(255, Math.round(120 + 50 * wave + sun + ground)));
      pixels[at + 1] = Math.max(0, Math.min(255, Math.round(110 + 40 * wave + 0.7 * sun - 0.2 * ground)));
      pixels[at + 2] = Math.max(0, Math.min(255, Math.round(130 - 60 * wave - 0.3 * sun + ground)));
    }
  }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}
