import type { Random } from '../../../random';
import type { Glyph } from './artwork';

/** A picture before it is rendered: an SVG of `size` × `size` pixels, and how far it is out of focus. */
export interface Scene {
  readonly svg: string;
  /** Standard deviation of a Gaussian blur in pixels; undefined for none. */
  readonly blur: number | undefined;
}

/** Few decimals, so that the text of a scene is the same on every machine. */
function text(value: number): string {
  return value.toFixed(2);
}

function between(random: Random, least: number, most: number): number {
  return least + random.next() * (most - least);
}

function pick<T>(random: Random, items: readonly [T, ...T[]]): T {
  return items[random.int(items.length)] ?? items[0];
}

function colour(random: Random): string {
  const hue = random.int(360);
  const saturation = between(random, 5, 50);
  const lightness = between(random, 30, 92);
  return `hsl(${hue},${text(saturation)}%,${text(lightness)}%)`;
}

type Drawing = (random: Random, size: number) => string;

function rectangle(size: number, fill: string, more = ''): string {
  return `<rect width="${size}" height="${size}" fill="${fill}"${more}/>`;
}

const solid: Drawing = (random, size) => rectangle(size, colour(random));

const gradient: Drawing = (random, size) => {
  const stops = `<stop stop-color="${colour(random)}"/><stop offset="1" stop-color="${colour(random)}"/>`;
  const shape =
    random.next() < 0.5
      ? `<linearGradient id="ground" gradientTransform="rotate(${random.int(90)})">${stops}</linearGradient>`
      : `<radialGradient id="ground" cx="${text(random.next())}" cy="${text(random.next())}" r="0.8">${stops}</radialGradient>`;
  return `<defs>${shape}</defs>${rectangle(size, 'url(#ground)')}`;
};

const stripes: Drawing = (random, size) => {
  const width = between(random, size / 14, size / 4);
  const bars: string[] = [];
  const fill = colour(random);
  // Three times as far as the picture, so that they cover it at any angle.
  for (let x = -size; x < size * 2; x += 2 * width) {
    bars.push(
      `<rect x="${text(x)}" y="${-size}" width="${text(width)}" height="${3 * size}" fill="${fill}"/>`,
    );
  }
  const half = size / 2;
  return `${solid(random, size)}<g transform="rotate(${random.int(180)} ${half} ${half})">${bars.join('')}</g>`;
};

const blobs: Drawing = (random, size) => {
  const circles = Array.from({ length: 4 + random.int(9) }, () => {
    const [x, y] = [random.next() * size, random.next() * size];
    const radius = between(random, size / 16, size / 4);
    return `<circle cx="${text(x)}" cy="${text(y)}" r="${text(radius)}" fill="${colour(random)}"/>`;
  });
  return solid(random, size) + circles.join('');
};

/** A meadow under a sky, more or less. */
const horizon: Drawing = (random, size) => {
  const y = between(random, size * 0.35, size * 0.8);
  const tilt = between(random, -0.15, 0.15) * size;
  const land = `M0 ${text(y - tilt)}L${size} ${text(y + tilt)}V${size}H0Z`;
  return `${gradient(random, size)}<path d="${land}" fill="${colour(random)}"/>`;
};

const clouds: Drawing = (random, size) => {
  const frequency = between(random, 1.5, 12) / size;
  const turbulence =
    `<filter id="clouds" x="0" y="0" width="1" height="1"><feTurbulence type="fractalNoise" ` +
    `baseFrequency="${frequency.toFixed(4)}" numOctaves="1" seed="${random.int(10_000)}"/></filter>`;
  return `${solid(random, size)}<defs>${turbulence}</defs>${rectangle(size, 'none', ' filter="url(#clouds)"')}`;
};

const backgrounds = [solid, gradient, stripes, blobs, horizon, clouds] as const;

/** Something in front: covers a part of the animal, never most of it. */
const obstacle: Drawing = (random, size) => {
  const fill = colour(random);
  const [x, y] = [random.next() * size, random.next() * size];
  if (random.next() < 0.5) {
    const radius = between(random, 0.05, 0.16) * size;
    return `<circle cx="${text(x)}" cy="${text(y)}" r="${text(radius)}" fill="${fill}"/>`;
  }
  const [width, height] = [between(random, 0.06, 0.32) * size, between(random, 0.06, 0.18) * size];
  const turn = `rotate(${random.int(180)} ${text(x)} ${text(y)})`;
  return `<rect x="${text(x - width / 2)}" y="${text(y - height / 2)}" width="${text(width)}" height="${text(height)}" fill="${fill}" transform="${turn}"/>`;
};

/**
 * A change of light and colour, as a filter over the animal alone: hue turned, then saturation and contrast
 * changed, by the matrices of the Filter Effects specification (`hueRotate`, `saturate`), multiplied here
 * into one because each step of a filter costs a millisecond.
 */
function tint(random: Random, size: number): string {
  const angle = (random.normal() * 12 * Math.PI) / 180;
  const saturation = between(random, 0.7, 1.3);
  const contrast = between(random, 0.75, 1.2);
  const brightness = between(random, -0.12, 0.12) + (1 - contrast) / 2;
  const luma = [0.213, 0.715, 0.072] as const;
  const sines = [
    [-0.213, -0.715, 0.928],
    [0.143, 0.14, -0.283],
    [-0.787, 0.715, 0.072],
  ];
  const weight = (same: boolean, column: number) => (same ? 1 : 0) - (luma[column] ?? 0);
  const hue = sines.map((row, y) =>
    row.map((sine, x) => (luma[x] ?? 0) + Math.cos(angle) * weight(x === y, x) + Math.sin(angle) * sine),
  );
  // Saturation keeps each pixel's luma: s·colour + (1 − s)·luma.
  const rows = hue.map((row) => {
    const colours = row.map(
      (value, x) => contrast * (saturation * value + (1 - saturation) * (luma[x] ?? 0)),
    );
    return [...colours, 0, brightness].map((value) => value.toFixed(4)).join(' ');
  });
  return (
    `<filter id="tint" filterUnits="userSpaceOnUse" x="0" y="0" width="${size}" height="${size}" ` +
    `color-interpolation-filters="sRGB"><feColorMatrix values="${rows.join(' ')} 0 0 0 1 0"/></filter>`
  );
}

/**
 * One animal in one of its many variations: place, size, turn, mirror, colours, background, and now and then
 * a blur or something in front. What varies is the same for every style, so that styles differ in their
 * drawings alone.
 *
 * @param size - width and height in pixels
 */
export function composeScene(glyph: Glyph, size: number, random: Random): Scene {
  const scale = between(random, 0.7, 1) * size;
  // The centre stays where at most about a tenth of the animal is outside of the picture.
  const reach = Math.max(0, (size - scale) / 2 + 0.06 * size);
  const [x, y] = [between(random, -reach, reach) + size / 2, between(random, -reach, reach) + size / 2];
  const turn = Math.max(-30, Math.min(30, random.normal() * 10));
  const mirror = random.next() < 0.5 ? -1 : 1;
  const zoom = scale / Math.max(glyph.width, glyph.height);
  const place =
    `translate(${text(x)} ${text(y)}) rotate(${text(turn)}) scale(${(mirror * zoom).toFixed(5)} ${zoom.toFixed(5)}) ` +
    `translate(${text(-glyph.left - glyph.width / 2)} ${text(-glyph.top - glyph.height / 2)})`;
  const background = pick(random, backgrounds)(random.fork('background'), size);
  const obstacles = random.next() < 0.35 ? 1 + random.int(2) : 0;
  const front = Array.from({ length: obstacles }, (_, n) => obstacle(random.fork(`obstacle ${n}`), size));
  const blur = random.next() < 0.3 ? between(random, 0.4, 1.3) * (size / 96) : undefined;
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${size}" height="${size}">` +
    `${background}<defs>${tint(random, size)}</defs><g filter="url(#tint)">` +
    `<g transform="${place}">${glyph.body}</g></g>${front.join('')}</svg>`;
  return { svg, blur: blur === undefined || blur < 0.3 ? undefined : blur };
}
