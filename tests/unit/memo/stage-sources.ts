import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { transformSync } from '@swc/core';

/** Every TypeScript file of a folder and its folders, or the file itself; relative to `root`, sorted. */
function filesOf(root: string, source: string): string[] {
  const place = path.join(root, source);
  if (statSync(place).isFile()) return [source];
  return readdirSync(place, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.posix.join(source, file))
    .sort();
}

/** What a file does, without its comments, types and layout: those change no result. */
function behaviour(text: string): string {
  const minify = { compress: false, mangle: false };
  const jsc = { parser: { syntax: 'typescript' }, target: 'es2022', minify } as const;
  return transformSync(text, { jsc, minify: true, configFile: false, swcrc: false }).code;
}

const dependenciesOf = (root: string): Record<string, string> => {
  const parsed: { dependencies?: Record<string, string> } = JSON.parse(
    readFileSync(path.join(root, 'package.json'), 'utf8'),
  );
  return parsed.dependencies ?? {};
};

/**
 * The digest of a stage's sources.
 * @param list - separated by spaces: files and folders; `!path` leaves out what begins with it; `npm:name` is a dependency's version
 */
export function digestOfSources(root: string, list: string): string {
  const sources = list.split(' ');
  const hash = createHash('sha256');
  const left = sources.filter((source) => source.startsWith('!')).map((source) => source.slice(1));
  const paths = sources.filter((source) => !source.startsWith('!') && !source.startsWith('npm:'));
  const files = new Set(paths.flatMap((source) => filesOf(root, source)));
  for (const file of [...files].sort()) {
    if (left.some((prefix) => file.startsWith(prefix))) continue;
    hash.update(`${file}\0${behaviour(readFileSync(path.join(root, file), 'utf8'))}\0`);
  }
  for (const source of sources.filter((named) => named.startsWith('npm:')).sort()) {
    hash.update(`${source}@${dependenciesOf(root)[source.slice('npm:'.length)]}\0`);
  }
  return hash.digest('hex');
}
