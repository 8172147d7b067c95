import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Style } from './styles';

/** One drawing: the inside of an SVG, and the box of its coordinates. */
export interface Glyph {
  readonly body: string;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Iconify's format (https://iconify.design/docs/types/iconify-json.html), as much of it as is used here. */
const boxShape = {
  left: z.number().optional(),
  top: z.number().optional(),
  width: z.number().optional(),
  height: z.number().optional(),
};
const iconSchema = z.object({ body: z.string(), ...boxShape });
const iconSetSchema = z.object({ icons: z.record(z.string(), z.unknown()), ...boxShape });
const packageSchema = z.object({ version: z.string() });

/** The version of the package that a style comes in. */
export async function styleVersion(style: Style): Promise<string> {
  const file = require.resolve(`@iconify-json/${style.name}/package.json`);
  return packageSchema.parse(JSON.parse(await readFile(file, 'utf8'))).version;
}

/**
 * The drawings of a style that the sample uses, by name; the other thousands are let go.
 *
 * @throws Error where the package is of another version and lacks one.
 */
export async function readGlyphs(style: Style): Promise<ReadonlyMap<string, Glyph>> {
  const file = require.resolve(`@iconify-json/${style.name}/icons.json`);
  const set = iconSetSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  const glyphs = new Map<string, Glyph>();
  for (const name of Object.values(style.glyphs).flat()) {
    const parsed = iconSchema.safeParse(set.icons[name]);
    if (!parsed.success) {
      throw new Error(`@iconify-json/${style.name} has no drawing ${name}. Run npm ci.`);
    }
    const icon = parsed.data;
    glyphs.set(name, {
      body: icon.body,
      left: icon.left ?? set.left ?? 0,
      top: icon.top ?? set.top ?? 0,
      width: icon.width ?? set.width ?? 16,
      height: icon.height ?? set.height ?? 16,
    });
  }
  return glyphs;
}
