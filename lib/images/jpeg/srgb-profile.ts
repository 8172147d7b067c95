/** The primaries of sRGB for the white of profiles, D50 (IEC 61966-2-1, adapted as ICC.1 says): X, Y, Z. */
const primaries = {
  rXYZ: [0.43607, 0.22249, 0.01392],
  gXYZ: [0.38515, 0.71687, 0.09708],
  bXYZ: [0.14307, 0.06061, 0.7141],
} as const;

const curves = ['rTRC', 'gTRC', 'bTRC'] as const;

/** Makers round differently; the next common space, Display P3, is 0.08 away. */
const primaryTolerance = 0.003;
/** Less than one step of 255. A pure power of 2.2 is further away, in the dark. */
const curveTolerance = 0.003;
const probes = 32;

/** IEC 61966-2-1: from what is stored to light, both in [0, 1]. */
function srgbCurve(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** `s15Fixed16Number`. */
function fixed(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) / 65536;
}

function tagsOf(profile: Buffer): Map<string, Buffer> {
  const tags = new Map<string, Buffer>();
  const count = profile.readUInt32BE(128);
  for (let tag = 0; tag < count && 132 + tag * 12 + 12 <= profile.length; tag += 1) {
    const at = 132 + tag * 12;
    const offset = profile.readUInt32BE(at + 4);
    const data = profile.subarray(offset, offset + profile.readUInt32BE(at + 8));
    tags.set(profile.toString('latin1', at, at + 4), data);
  }
  return tags;
}

/** A `curv` or `para` tag (ICC.1:2022, 10.6 and 10.18) at a value in [0, 1]; undefined for kinds that sRGB has no use for. */
function evaluateCurve(tag: Buffer, value: number): number | undefined {
  const type = tag.toString('latin1', 0, 4);
  if (type === 'curv') {
    const count = tag.readUInt32BE(8);
    if (count < 2 || tag.length < 12 + 2 * count) return undefined;
    const place = value * (count - 1);
    const below = Math.min(Math.floor(place), count - 2);
    const [low, high] = [tag.readUInt16BE(12 + 2 * below), tag.readUInt16BE(14 + 2 * below)];
    return (low + (high - low) * (place - below)) / 65535;
  }
  if (type === 'para' && tag.readUInt16BE(8) === 3 && tag.length >= 32) {
    const [g = 0, a = 0, b = 0, c = 0, d = 0] = [12, 16, 20, 24, 28].map((at) => fixed(tag, at));
    return value >= d ? (a * value + b) ** g : c * value;
  }
  return undefined;
}

/**
 * Whether an ICC profile is sRGB in all but its name, so that a picture that carries it needs no conversion:
 * the same primaries, and the same curve for each channel.
 */
export function isSrgbProfile(profile: Buffer): boolean {
  try {
    if (profile.toString('latin1', 16, 20) !== 'RGB ') return false;
    const tags = tagsOf(profile);
    // A profile by tables may say anything, whatever its primaries are.
    if (tags.has('A2B0')) return false;
    const samePrimaries = Object.entries(primaries).every(([name, expected]) => {
      const tag = tags.get(name);
      return expected.every(
        (value, axis) => tag !== undefined && Math.abs(fixed(tag, 8 + 4 * axis) - value) <= primaryTolerance,
      );
    });
    const isSame = (tag: Buffer) =>
      Array.from({ length: probes + 1 }, (_, step) => step / probes).every((value) => {
        const found = evaluateCurve(tag, value);
        return found !== undefined && Math.abs(found - srgbCurve(value)) <= curveTolerance;
      });
    return (
      samePrimaries &&
      curves.every((name) => {
        const tag = tags.get(name);
        return tag !== undefined && isSame(tag);
      })
    );
  } catch {
    // It ends early, or says nonsense: whoever converts it may judge.
    return false;
  }
}
