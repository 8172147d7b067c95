import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Settings } from '../contracts/schemas/settings';
import type { Store } from '../lib/storage/store';
import { type Champion, examplePicture } from './champion';
import type { Colours } from './display/format';
import { accuracyLine } from './display/result';
import { addresses } from './settings';

/** Who the champion is, how good it is, where to look, and a line to paste that works. */
export async function servingSummary(
  settings: Settings,
  store: Store,
  champion: Champion,
  colours: Colours,
): Promise<string[]> {
  const { version, evaluation } = champion;
  const { api, ui } = addresses(settings);
  const picture = await saveExample(settings, store, champion);
  return [
    `${colours.bold(`${version.name} version ${version.version}`)} is the champion`,
    accuracyLine({ ...evaluation, interval: evaluation.accuracyInterval }),
    `answers     ${version.model.classes.join(', ')}`,
    '',
    `API         ${colours.cyan(api)}`,
    ...(ui === undefined ? [] : [`workflows   ${colours.cyan(ui)}`]),
    '',
    'Try it:',
    `  ${curlLine(api, picture ?? 'your-picture.png')}`,
  ];
}

/** Paths with spaces or worse are quoted for the shell, inside curl's own form syntax. */
export function curlLine(api: string, picture: string): string {
  const form = `image=@${picture}`;
  // Within curl's form, `"` begins a quoted name and `;` and `,` end one.
  const named = /[;,"\\]/.test(picture) ? `image=@"${picture.replaceAll(/["\\]/g, '\\$&')}"` : form;
  const quoted = /["$`\\!]/.test(named) ? `'${named.replaceAll("'", "'\\''")}'` : `"${named}"`;
  return `curl -X POST ${api.replace('http://127.0.0.1:', 'localhost:')}/get_prediction -F ${quoted}`;
}

/** @returns the path to give to curl, short where it lies below the project. */
async function saveExample(
  settings: Settings,
  store: Store,
  champion: Champion,
): Promise<string | undefined> {
  const picture = await examplePicture(store, champion).catch(() => undefined);
  if (!picture) return undefined;
  const label = picture.label.replaceAll(/[^A-Za-z0-9_-]+/g, '-') || 'picture';
  const path = join(settings.home, `example-${label}${picture.extension}`);
  await mkdir(settings.home, { recursive: true });
  await writeFile(`${path}.tmp`, picture.bytes);
  await rename(`${path}.tmp`, path);
  const short = relative(settings.project, path);
  return short.startsWith('..') ? path : short;
}
